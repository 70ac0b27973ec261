import LinuxIO

/// The files beside the tests' sources.
enum Files {
    /// The lists are in the form that the programs print them in: `Options::Parse` of their sources, and what people have shown in
    /// public bug reports and notes. The name has the version or the month, where that is known; trailing blanks are the programs' own.
    static func listing(_ name: String) throws -> String {
        String(decoding: try StateFile.read("\(folder)/Listings/\(name).txt"), as: UTF8.self)
    }

    static let standIn = "\(folder)/StandIn"

    private static let folder = #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
}
