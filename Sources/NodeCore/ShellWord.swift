extension String {
    /// As one word of a line that is to be copied into a shell: itself where nothing in it means anything to one, else in quotes.
    package var shellWord: String {
        let isPlain = unicodeScalars.allSatisfy { !$0.isASCII || Self.plain.contains($0) }
        if isPlain, !isEmpty { return self }
        return "'" + replacing("'", with: #"'\''"#) + "'"
    }

    private static let plain = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,".unicodeScalars)
}
