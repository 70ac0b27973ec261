/// The sizes a device offers in one layout: a list, or a range with steps (VIDIOC_ENUM_FRAMESIZES).
enum FrameSizes: Equatable {
    struct Size: Hashable {
        let width: Int
        let height: Int
    }

    case discrete([Size])
    case stepwise(least: Size, most: Size, step: Size)

    /// What people and other programs use, where a range leaves the choice.
    private static let usual = [
        (320, 180), (320, 240), (640, 360), (640, 480), (800, 600), (1024, 768), (1280, 720), (1280, 960), (1600, 1200),
        (1920, 1080), (2560, 1440), (2592, 1944), (3840, 2160),
    ].map { Size(width: $0.0, height: $0.1) }

    /// Those worth offering: of a range, the usual ones and its largest.
    var offered: [Size] {
        switch self {
        case .discrete(let sizes): sizes
        case .stepwise(let least, let most, let step):
            (Self.usual + [most]).reduce(into: []) { offered, size in
                let fits =
                    Self.steps(from: least.width, to: size.width, by: step.width, atMost: most.width)
                    && Self.steps(from: least.height, to: size.height, by: step.height, atMost: most.height)
                if fits, !offered.contains(size) { offered.append(size) }
            }
        }
    }

    private static func steps(from least: Int, to value: Int, by step: Int, atMost most: Int) -> Bool {
        value >= least && value <= most && (value - least) % max(1, step) == 0
    }
}
