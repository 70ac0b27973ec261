import Glibc
import LinuxIO
import NodeLocation

/// One of the objects that gpsd sends, as far as it tells where its receivers are (gpsd_json(5), of any 3.x).
enum GPSDReport: Equatable {
    /// How it greets.
    case version
    /// How many receivers it has.
    case devices(Int)
    /// Where its receivers are now; none of those that do not know.
    case fixes([Fix])
    case other
}

extension GPSDReport: Decodable {
    private enum CodingKeys: String, CodingKey {
        case `class`, devices, time, tpv
    }

    private struct Device: Decodable {}

    /// Receivers tell once a second, seldom less often: what is older may be of one that says nothing any more.
    private static let patience = 3_000

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        switch try values.decode(String.self, forKey: .class) {
        case "VERSION": self = .version
        case "DEVICES": self = .devices(try values.decode([Device].self, forKey: .devices).count)
        // It is about now, whatever time it tells: this machine's clock may never have been set.
        case "TPV": self = .fixes([try GPSDPosition(from: decoder).fix].compactMap { $0 })
        case "POLL":
            // What each receiver said last, and what time it is for gpsd.
            let now = WallClock.milliseconds(try values.decode(String.self, forKey: .time)) ?? 0
            let positions = try values.decodeIfPresent([GPSDPosition].self, forKey: .tpv) ?? []
            self = .fixes(positions.filter { abs(now - ($0.milliseconds ?? 0)) <= Self.patience }.compactMap(\.fix))
        default: self = .other
        }
    }
}

/// A time, a position and a velocity (`TPV`).
struct GPSDPosition: Decodable {
    /// 2: without an altitude; 3: with one; else there is no fix.
    private let mode: Int?
    private let time: String?
    private let lat: Double?
    private let lon: Double?
    private let altMSL: Double?
    private let altHAE: Double?
    /// What `altMSL` was called before 3.20.
    private let alt: Double?
    private let speed: Double?
    private let track: Double?
    /// Metres, which the older two were said to keep in 95 of 100 cases; the manual promises nothing any more.
    private let eph: Double?
    private let epx: Double?
    private let epy: Double?

    /// In metres, of receivers that do not say: so much that whoever asked for precise waits for one that does.
    private static let unsaid = 150.0

    var milliseconds: Int? { time.flatMap(WallClock.milliseconds) }

    var fix: Fix? {
        guard let mode, mode >= 2, let lat, let lon else { return nil }
        let error = epx.flatMap { epx in epy.map { hypot(epx, $0) } }
        return Fix(
            latitude: lat, longitude: lon, accuracy: eph ?? error ?? Self.unsaid,
            altitude: mode == 3 ? altMSL ?? alt ?? altHAE : nil, speed: speed, heading: track,
            time: milliseconds ?? WallClock.milliseconds, source: .gps)
    }
}
