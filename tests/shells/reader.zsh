# Within the zsh that driver.zsh types into: notes in $OFFERED what its completion offers.
setopt no_beep
PS1='' number=0
fpath=($COMPLETIONS $fpath)
autoload -U compinit
compinit -D -u
zstyle ':completion:*' verbose no

compadd() {
    local -a hits
    if [[ " ${@[1,(i)(-|--)]} " != *' -'[OAD]' '* ]]; then
        builtin compadd -A hits "$@"
        local hit
        for hit in $hits; do print -r -- $((number + 1))$'\t'"$IPREFIX${(Q)hit}" >>$OFFERED; done
    fi
    builtin compadd "$@"
}

complete_and_note() {
    zle list-choices
    (( number++ ))
    zle kill-whole-line
    print -rn -- "<<$number>>"
}
zle -N complete_and_note
PATH=/nonexistent
bindkey '^I' complete_and_note
print '<<ready''>>'
