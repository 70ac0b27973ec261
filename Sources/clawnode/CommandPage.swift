import Manual
import NodeRuntime

/// clawnode(1): what the subcommands, the exit codes, the variables and the places say of themselves.
enum CommandPage {
    private static let subcommands = Main.subcommands.filter { !$0.isHidden }

    static let page = ManualPage(
        "clawnode", 1, "make this machine a node of an OpenClaw gateway",
        [
            .init(
                "SYNOPSIS", [.text("`clawnode` <SUBCOMMAND> [<OPTIONS>]"), .text("`clawnode` [<SUBCOMMAND>] `--help`")]),
            .init("DESCRIPTION", description),
            .init("SUBCOMMANDS", subcommands.flatMap(blocks)),
            .init(
                "COMMON OPTIONS",
                [
                    .text("Every subcommand takes these, and `--help`."),
                    .terms(Option.common.map { .init($0.term, $0.help) }),
                ]),
            .init("WHAT A NODE CAN BE ASKED", families),
            .init("AS A SERVICE", service),
            .init("EXIT STATUS", [.terms(ExitCode.allCases.map { .init("\($0.rawValue)", $0.meaning) })]),
            .init("ENVIRONMENT", [.terms(Surroundings.known.map { .init("`\($0.name)`", $0.meaning) })]),
            .init(
                "FILES",
                [
                    .text("Each as root has it, and as a user has it who has no other directories in the environment."),
                    .terms(Place.all.map { .init("`\($0.ofRoot)`, `\($0.ofUser)`", $0.meaning) }),
                ]),
            .init("EXAMPLES", examples),
            .init(
                "SEE ALSO", [.text("clawnode.json(5), clawnode-media(8), systemctl(1), journalctl(1)")]),
        ])

    private static let description: [ManualPage.Block] = [
        .text(
            "`clawnode` keeps one connection to a gateway open and, when the gateway asks, answers with a photo from a camera "
                + "or with what the machine is. `clawnode run` is the daemon; the other subcommands prepare it, look at it, or "
                + "do by hand what a gateway would ask for."),
        .text(
            "A capability that touches privacy is off until the machine's owner switches it on, and the gateway's operator has "
                + "to approve the device and its commands. `clawnode join` prints what is to be done, with real ids."),
        .text(
            "The machine's own node, the service that the packages install, is root's to change and to look into: called with "
                + "sudo(8), the subcommands are about that one, and without about a node of whoever calls them."),
        .text(
            "Answers go to the standard output, all else to the standard error. With `--json`, an answer is one JSON object "
                + "whose keys stay as they are."),
    ]

    private static func blocks(_ subcommand: any Subcommand.Type) -> [ManualPage.Block] {
        let options = subcommand.options.map { ManualPage.Term($0.term, $0.help) }
        return [
            .heading("clawnode \(subcommand.name)"),
            .text("`clawnode \(subcommand.name)` " + marked(subcommand.synopsis)),
            .text(subcommand.summary.sentence),
        ] + subcommand.details.map { .text($0) } + (options.isEmpty ? [] : [.terms(options)])
    }

    private static let families =
        [
            .text(
                "Each command with the params that it takes, and in parentheses what holds without one. "
                    + "`clawnode commands` tells what is on, and the line that switches on what is off.")
        ]
        + Family.all.flatMap { family -> [ManualPage.Block] in
            [
                .heading(family.name),
                .text(
                    family.summary
                        + (family.isOnByDefault
                            ? " It is on unless the owner switches it off."
                            : " It is off until the owner switches it on.")),
                .terms(family.manual.map { .init("`\($0.name.text)`", $0.summary) }),
            ]
        }

    private static let service: [ManualPage.Block] = [
        .text(
            "The package's unit runs `clawnode run` as the user `clawnode`, from the installation on; until a gateway is joined it "
                + "waits. `systemctl status clawnode` shows what it waits for, and `journalctl -u clawnode` what has happened. Started as root, "
                + "subcommands that write act as the owner of the state directory. The gateway's shared token may also be put into "
                + "`/etc/credstore/gateway-token`, from where systemd hands it on."),
        .text(
            "A user may have a node of their own, with the user's rights: `systemctl --user enable --now clawnode`, and the other "
                + "subcommands as that user. `loginctl enable-linger` keeps it running while the user is not there."),
    ]

    private static let examples: [ManualPage.Block] = [
        .text("What makes a machine a node, with its cameras; and the look at what is still missing:"),
        .example("\(Join.example)\n\(Status.example)"),
        .text("A picture, with no gateway at all:"),
        .example(Invoke.example),
        .text("No pictures from now on, whatever a gateway asks, until the second line:"),
        .example("\(Pause.example)\n\(Resume.example)"),
    ]

    /// A synopsis with its words told apart: capitals stand for something else.
    private static func marked(_ synopsis: String) -> String {
        var result = ""
        var word = ""
        for character in synopsis + " " {
            if character.isLetter || character == "-" || character == "." {
                word.append(character)
                continue
            }
            if !word.isEmpty { result += word.allSatisfy { !$0.isLowercase } ? "<\(word)>" : "`\(word)`" }
            word = ""
            result.append(character)
        }
        return String(result.dropLast())
    }
}

extension String {
    /// A summary as a text has it.
    fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() + "." }
}
