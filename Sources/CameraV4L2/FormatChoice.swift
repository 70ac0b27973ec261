import Glibc
import NodeCamera
import NodeMedia

/// Picks the mode for a picture of some width from what a device offers.
///
/// JPEG comes first: it is handed on as it is, and over USB it is the only layout that reaches large sizes at full rate. Within a layout
/// the smallest size is taken that covers the width, else the widest; of equal widths the faster, then the taller.
struct FormatChoice {
    let modes: [CaptureMode]

    /// For people to read: what is liked best comes first, what cannot be read last, and no more than anybody wants to know.
    var listed: [CaptureMode] {
        let places = Dictionary(uniqueKeysWithValues: zip(PixelFormat.convertible, 1...))
        func place(_ mode: CaptureMode) -> Int { mode.format.isJPEG ? 0 : places[mode.format] ?? .max }
        // The device's own order decides within a layout.
        let sorted = modes.enumerated().sorted { (place($0.element), $0.offset) < (place($1.element), $1.offset) }
        return sorted.prefix(Self.mostListed).map(\.element)
    }

    private static let mostListed = 64

    /// Nil when nothing is offered that can be read.
    func mode(covering width: Int) -> CaptureMode? {
        let jpeg = Self.best(of: modes.filter(\.format.isJPEG), covering: width)
        if let jpeg, jpeg.width >= width { return jpeg }
        // No JPEG is large enough. A raw mode is preferred only if it gains something and is not a slide show.
        if let raw = raw(modes.filter(\.isFluent), covering: width), raw.width > jpeg?.width ?? 0 { return raw }
        return jpeg ?? raw(modes, covering: width)
    }

    /// For moving pictures: JPEG again, of which pictures can be taken meanwhile, then what the camera encodes itself, then the rest; the
    /// first of them that moves smoothly and is no stamp, at the size next to `FilmRequest`. Nil when nothing is offered that can be read.
    var film: CaptureMode? {
        let raw = PixelFormat.convertible.flatMap { format in modes.filter { $0.format == format } }
        let bests = [modes.filter(\.format.isJPEG), modes.filter { $0.format == .h264 }, raw].compactMap(Self.bestFilm)
        return bests.first { $0.isSmooth && $0.pixels >= 640 * 360 } ?? Self.bestFilm(of: bests)
    }

    /// The first of the best.
    private static func bestFilm(of modes: [CaptureMode]) -> CaptureMode? {
        modes.reduce(nil) { best, mode in
            guard let best else { return mode }
            return isBetterFilm(mode, than: best) ? mode : best
        }
    }

    private static func isBetterFilm(_ mode: CaptureMode, than other: CaptureMode) -> Bool {
        if mode.isSmooth != other.isSmooth { return mode.isSmooth }
        // Twice as many pixels are as far away as half as many.
        func distance(_ mode: CaptureMode) -> Double {
            abs(log2(Double(max(1, mode.pixels)) / Double(FilmRequest.width * FilmRequest.height)))
        }
        if distance(mode) != distance(other) { return distance(mode) < distance(other) }
        return min(mode.framesPerSecond, FilmRequest.framesPerSecond)
            > min(other.framesPerSecond, FilmRequest.framesPerSecond)
    }

    private func raw(_ modes: [CaptureMode], covering width: Int) -> CaptureMode? {
        let bestOfEach = PixelFormat.convertible.compactMap { format in
            Self.best(of: modes.filter { $0.format == format }, covering: width)
        }
        return Self.best(of: bestOfEach, covering: width)
    }

    /// The first of the best.
    private static func best(of modes: [CaptureMode], covering width: Int) -> CaptureMode? {
        modes.reduce(nil) { best, mode in
            guard let best else { return mode }
            return isBetter(mode, than: best, covering: width) ? mode : best
        }
    }

    private static func isBetter(_ mode: CaptureMode, than other: CaptureMode, covering width: Int) -> Bool {
        if mode.width != other.width {
            let both = mode.width >= width && other.width >= width
            return both ? mode.width < other.width : mode.width > other.width
        }
        if mode.framesPerSecond != other.framesPerSecond { return mode.framesPerSecond > other.framesPerSecond }
        return mode.height > other.height
    }
}

extension CaptureMode {
    fileprivate var pixels: Int { width * height }

    /// Whether it looks like moving pictures.
    fileprivate var isSmooth: Bool { framesPerSecond == 0 || framesPerSecond >= 15 }
}
