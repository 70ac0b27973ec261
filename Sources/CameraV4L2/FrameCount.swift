/// Finds what is missing by the numbers that a driver gives the frames (`v4l2_buffer.sequence`).
struct FrameCount {
    private var last: UInt32?

    /// Whether frames between the last one that was asked about and this one were lost. Drivers that do not count lose none.
    mutating func hasGap(before number: UInt32) -> Bool {
        defer { last = number }
        guard let last else { return false }
        // One that begins anew goes back.
        return Int32(bitPattern: number &- last) > 1
    }
}
