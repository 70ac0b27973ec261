# bash completion of clawnode(1). What may follow is clawnode's own to say; here it is only put into bash's words.
_clawnode() {
    local current=${COMP_WORDS[COMP_CWORD]} line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            $'\tfile') compopt -o default ;;
            $'\tdirectory') compopt -o dirnames -o nospace ;;
            *)
                line=${line%%$'\t'*}
                # Within a quotation bash takes it as it is.
                [[ $current == [\'\"]* || $line =~ ^[A-Za-z0-9.,=/_-]*$ ]] || line=${line@Q}
                COMPREPLY+=("$line")
                ;;
        esac
    done < <(clawnode complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _clawnode clawnode
