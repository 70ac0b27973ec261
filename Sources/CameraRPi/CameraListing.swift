/// What `--list-cameras` prints, read. Over the years the program has added bit depth, Bayer order, rates and crops to it.
struct CameraListing: Equatable {
    let cameras: [ListedCamera]

    /// Nil when the text is no such list.
    init?(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }
        guard lines.contains("Available cameras") || lines.contains("No cameras available!") else { return nil }
        var entries: [Entry] = []
        for line in lines {
            if let entry = Entry(line) {
                entries.append(entry)
            } else if !entries.isEmpty {
                entries[entries.count - 1].read(modes: line)
            }
        }
        cameras = entries.map(\.camera)
    }
}

/// A camera's first line, and what follows it.
private struct Entry {
    private let number: Int
    private let model: Substring
    private let id: Substring
    private let sensor: ListedCamera.Size?
    private var rates: [ListedCamera.Size: Double] = [:]

    /// `0 : imx219 [3280x2464 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx219@10)`. Names of webcams hold colons themselves.
    init?(_ line: Substring) {
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0].last == " ", parts[1].first == " ", parts[1].last == ")",
            let number = Int(parts[0].dropLast()), let opening = parts[1].lastIndex(of: "(")
        else { return nil }
        id = parts[1][opening...].dropFirst().dropLast()
        let head = Self.trimmed(parts[1][..<opening])
        self.number = number
        if head.last == "]", let bracket = head.lastIndex(of: "[") {
            model = Self.trimmed(head[..<bracket])
            sensor = head[bracket...].dropFirst().dropLast().split(separator: " ").first.flatMap(Self.size)
        } else {
            (model, sensor) = (head, nil)
        }
        if model.isEmpty || id.isEmpty { return nil }
    }

    var camera: ListedCamera {
        let modes = rates.map { ListedCamera.Mode(size: $0, framesPerSecond: $1) }.sorted {
            ($0.size.width, $0.size.height) > ($1.size.width, $1.size.height)
        }
        return ListedCamera(
            number: number, model: String(model), id: String(id), sensor: sensor ?? modes.first?.size, modes: modes)
    }

    /// `Modes: 'SRGGB8' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]`, several sizes in a line, or a line for each.
    mutating func read(modes line: Substring) {
        let words = line.split(separator: " ")
        for (index, word) in words.enumerated() {
            guard let size = Self.size(word) else { continue }
            var rate = 0.0
            if index + 2 < words.count, words[index + 1].hasPrefix("["), words[index + 2] == "fps" {
                rate = Double(words[index + 1].dropFirst()) ?? 0
            }
            // A driver that knows no rate makes it "nan".
            rates[size] = max(rates[size] ?? 0, rate.isFinite ? rate : 0)
        }
    }

    private static func size(_ word: Substring) -> ListedCamera.Size? {
        let sides = word.split(separator: "x", omittingEmptySubsequences: false)
        guard sides.count == 2, let width = Int(sides[0]), let height = Int(sides[1]) else { return nil }
        return (1...65_535).contains(width) && (1...65_535).contains(height)
            ? ListedCamera.Size(width: width, height: height) : nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
