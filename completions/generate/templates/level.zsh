__@@FUNCTION@@_command() {
    local -a commands=(
        @@NAMES@@
    )
    _describe -t commands '@@TITLE@@ command' commands
}

_@@FUNCTION@@() {
    local curcontext=$curcontext state ret=1
    local -a line state_descr
    typeset -A opt_args
    _arguments -C \
        @@FLAGS@@ \
        '1: :__@@FUNCTION@@_command' \
        '*:: :->after' && ret=0
    if [[ $state == after ]]; then
        curcontext=${curcontext%:*}-${words[1]}:
        case ${words[1]} in
            @@DISPATCH@@
        esac
    fi
    return ret
}
