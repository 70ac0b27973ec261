# fish completion of clawnode(1). What may follow is clawnode's own to say; here it is only put into fish's words.
function __clawnode_complete
    set -l words (commandline -opc)
    set -e words[1]
    for line in (clawnode complete -- $words (commandline -ct) 2>/dev/null)
        switch $line
            case \tfile
                __fish_complete_path (commandline -ct)
            case \tdirectory
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end
complete -c clawnode -f -a '(__clawnode_complete)'
