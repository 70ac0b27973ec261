/// One way to go on with a command line, and a few words about it.
struct Candidate: Equatable {
    let text: String
    let help: String

    init(_ text: String, _ help: String) {
        self.text = text
        self.help = help
    }
}

/// What fits at one place of a command line; names of files are the shell's to find.
enum Candidates: Equatable {
    case texts([Candidate])
    case files
    case directories
}
