# Types each line of $1 and a TAB into an interactive zsh on a zpty; $2 gets what was offered, a line each:
# the number of the line, a tab, the word. Run in the folder whose files may be offered; $3 holds _mira.
zmodload zsh/zpty
export OFFERED=$2 COMPLETIONS=$3 READER=$0:A:h/reader.zsh
zpty inner zsh -f -i
zpty -w inner 'source $READER'
zpty -r inner reply '*<<ready>>*'
number=0
while IFS= read -r line; do
    (( number++ ))
    zpty -w -n inner "$line"$'\t'
    zpty -r inner reply "*<<$number>>*"
done <$1
zpty -d inner
