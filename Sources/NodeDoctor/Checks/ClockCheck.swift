import LinuxIO

/// Whether it is as late as this machine believes: certificates are judged by its clock.
struct ClockCheck: FileCheck {
    static let topics = ["clock"]

    func look(at patient: Patient) -> [Finding] {
        [Self.judge(WallClock.milliseconds, isKept: WallClock.isKept)]
    }

    static func judge(_ now: Int, isKept: Bool?) -> Finding {
        let at = WallClock.text(.local, at: now)
        let time = "\(at.date) \(at.clock.prefix(5))"
        let remedy = "sudo timedatectl set-ntp true"
        if !WallClock.isPlausible(now) {
            return .error("clock", "it cannot be \(time): certificates will not be believed", remedy: remedy)
        }
        guard isKept == false else { return .ok("clock", "it is \(time)") }
        return .note("clock", "it is \(time), but nothing keeps this clock right", remedy: remedy)
    }
}
