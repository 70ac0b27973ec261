import LinuxIO

/// What a program says of itself, before it is text of any kind. In its texts, `this` is as it is typed, and <THIS> stands for
/// something else.
package struct ManualPage: Sendable {
    package enum Block: Equatable, Sendable {
        case text(String)
        /// A text under another heading, within the chapter.
        case heading(String)
        /// Lines as they are typed, or come back.
        case example(String)
        case terms([Term])
    }

    package struct Term: Equatable, Sendable {
        package let term: String
        package let blocks: [Block]

        package init(_ term: String, _ blocks: [Block]) {
            self.term = term
            self.blocks = blocks
        }

        fileprivate var text: String {
            if case .text(let text)? = blocks.first { text } else { "" }
        }

        package init(_ term: String, _ text: String) {
            self.init(term, [.text(text)])
        }
    }

    package struct Chapter: Sendable {
        package let title: String
        package let blocks: [Block]

        package init(_ title: String, _ blocks: [Block]) {
            self.title = title
            self.blocks = blocks
        }
    }

    package let name: String
    package let section: Int
    package let summary: String
    package let chapters: [Chapter]

    package init(_ name: String, _ section: Int, _ summary: String, _ chapters: [Chapter]) {
        self.name = name
        self.section = section
        self.summary = summary
        self.chapters = chapters
    }

    /// The day of the source where a build tells it (reproducible-builds.org), otherwise today.
    package static var day: String {
        let seconds = EnvironmentVariables.current()["SOURCE_DATE_EPOCH"].flatMap { Int($0) }
        return WallClock.text(.universal, at: seconds.map { $0 &* 1000 }).date
    }

    /// What `--help` prints: the first synopsis, what it does in a paragraph, the options, an example.
    package var help: String {
        func blocks(_ title: String) -> [Block] { chapters.first { $0.title == title }?.blocks ?? [] }
        func text(_ title: String) -> [String] {
            guard case .text(let text)? = blocks(title).first else { return [] }
            return HelpText.filled(text)
        }
        var lines = text("SYNOPSIS").map { "usage: " + $0 } + [""] + text("DESCRIPTION")
        if case .terms(let terms)? = blocks("OPTIONS").first {
            lines += [""] + HelpText.terms(terms.map { ($0.term, $0.text) })
        }
        if case .example(let example)? = blocks("EXAMPLES").first { lines += ["", "example: " + example] }
        return lines.joined(separator: "\n")
    }

    /// As the page's file is called, and as `man` finds it.
    package var fileName: String { "\(name).\(section)" }

    /// The page in man(7), to be shown by whatever shows manuals.
    package func roff(version: String, date: String = Self.day) -> String {
        var lines = [
            ".TH \(Roff.quoted(name.uppercased())) \(section) \(date) \(Roff.quoted("clawnode " + version))",
            // Neither hyphens nor blanks to fill the lines: names are searched for, and copied.
            ".nh", ".ad l", ".SH NAME", Roff.plain(name) + " \\- " + Roff.plain(summary),
        ]
        for chapter in chapters {
            lines.append(".SH " + Roff.quoted(chapter.title))
            lines += Roff.lines(chapter.blocks)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
