import NodeCore

/// What a reply carries beside its JSON, for a page and for a file.
struct Media: Sendable {
    enum Kind: String, Sendable {
        case picture, clip, sound
    }

    let kind: Kind
    /// A file's ending.
    let format: String
    let bytes: [UInt8]

    /// Nil for what no browser shows.
    init?(format: String, _ bytes: [UInt8]) {
        switch format {
        case "jpg", "jpeg": kind = .picture
        case "mp4": kind = .clip
        case "ogg", "wav", "m4a", "flac": kind = .sound
        default: return nil
        }
        self.format = format
        self.bytes = bytes
    }

    /// `title` must not need escaping.
    func element(titled title: String) -> String {
        let base64 = String(decoding: Base64.encode(bytes), as: UTF8.self)
        return switch kind {
        case .picture: "<img alt=\"\(title)\" src=\"data:image/jpeg;base64,\(base64)\">"
        case .clip: "<video controls title=\"\(title)\" src=\"data:video/mp4;base64,\(base64)\"></video>"
        case .sound: "<audio controls title=\"\(title)\" src=\"data:audio/\(format);base64,\(base64)\"></audio>"
        }
    }
}
