import NodeCore

/// The report: one self-contained page, readable in a light and in a dark room.
struct Report {
    let steps: [Step]
    let gateway: String

    /// What the demo's gateway allows its node, and a real one must.
    static let allowedCommands = [
        "device.info", "device.health", "camera.list", "camera.snap", "camera.clip", "screen.snapshot", "screen.record",
        "audio.record", "location.get",
    ]

    var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>clawnode demo</title>
        <style>
        :root { color-scheme: light dark; --ink: #1d2330; --soft: #667085; --line: #e4e7ec; --page: #f7f8fa; --card: #fff; --good: #16794c; --bad: #b42318; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #2c3340; --page: #12151b; --card: #1a1f28; --good: #4cc38a; --bad: #f97066; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1rem 4rem; }
        h1 { font-size: 1.6rem; margin: 0; } p { color: var(--soft); margin: .25rem 0 2rem; }
        section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; margin: 0 0 1rem; padding: .9rem 1.1rem; }
        header { display: flex; gap: .7rem; align-items: baseline; }
        h2 { font-size: 1rem; font-weight: 600; margin: 0; flex: 1; overflow-wrap: anywhere; }
        h3 { font-size: 1.1rem; margin: 2.2rem 0 .8rem; } section > pre:first-child { margin-top: 0; }
        .good { color: var(--good); } .bad { color: var(--bad); }
        time { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
        pre { margin: .7rem 0 0; padding: .7rem .9rem; max-height: 24rem; overflow: auto; border-radius: .4rem; background: var(--page); font: .82rem/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
        img, video, audio { display: block; width: 100%; margin-top: .8rem; border-radius: .4rem; }
        </style>
        </head>
        <body>
        <main>
        <h1>clawnode demo</h1>
        <p>A gateway on loopback (\(Self.escaped(gateway))) and a node beside it, version \(nodeVersion).</p>
        \(steps.map(section).joined(separator: "\n"))
        \(operatorSection)
        </main>
        </body>
        </html>

        """
    }

    /// Everything that an operator of a real gateway does, in one place.
    private var operatorSection: String {
        let allowed = Self.allowedCommands.map { "\"\($0)\"" }.joined(separator: ", ")
        let lines = """
            # once in the gateway's configuration; by itself it lets a Linux node do little
            { gateway: { nodes: { commands: { allow: [\(allowed)] } } } }
            # the same until April 2026
            { gateway: { nodes: { allowCommands: [\(allowed)] } } }
            # then, with the ids that it lists
            $ openclaw devices list
            $ openclaw devices approve REQUEST-ID
            $ openclaw nodes pending
            $ openclaw nodes approve REQUEST-ID
            """
        return """
            <h3>What the operator of a real gateway does</h3>
            <section><pre>\(Self.escaped(lines))</pre></section>
            """
    }

    private func section(_ step: Step) -> String {
        var parts = [
            "<section><header><span class=\"\(step.succeeded ? "good" : "bad")\">\(step.succeeded ? "✓" : "✗")</span>",
            "<h2>\(Self.escaped(step.title))</h2><time>\(step.milliseconds)</time></header>",
        ]
        if let line = step.operatorLine { parts.append("<pre>$ \(Self.escaped(line))</pre>") }
        if let reply = step.reply, !reply.isEmpty { parts.append("<pre>\(Self.escaped(reply))</pre>") }
        if let media = step.media { parts.append(media.element(titled: Self.escaped(step.title))) }
        return parts.joined(separator: "\n") + "</section>"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }
}
