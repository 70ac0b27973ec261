import LinuxIO

/// Whether it is as late as this machine believes: certificates are judged by its clock.
struct ClockCheck: FileCheck {
    static let topics = ["clock"]

    func look(at patient: Patient) -> [Finding] {
        [Self.judge(WallClock.milliseconds, isKept: WallClock.isKept)]
    }

    /// 1 January of the year in which this was written, in milliseconds.
    private static let earliest = 1_767_225_600_000
    /// Certificates and key ids with dates of two digits end before.
    private static let latest = earliest + 30 * 365 * 86_400_000

    static func judge(_ now: Int, isKept: Bool?) -> Finding {
        let at = WallClock.text(.local, at: now)
        let time = "\(at.date) \(at.clock.prefix(5))"
        let remedy = "sudo timedatectl set-ntp true"
        if !(earliest...latest).contains(now) {
            return .error("clock", "it cannot be \(time): certificates will not be believed", remedy: remedy)
        }
        guard isKept == false else { return .ok("clock", "it is \(time)") }
        return .note("clock", "it is \(time), but nothing keeps this clock right", remedy: remedy)
    }
}
