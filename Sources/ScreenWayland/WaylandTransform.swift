import NodeScreen

extension ScreenTransform {
    /// As compositors tell it (`wl_output.transform`): the lowest two bits are the quarters, and the third mirrors.
    init(told value: UInt32) throws(WaylandFlaw) {
        guard value < 8 else { throw WaylandFlaw() }
        self.init(quarters: Int(value & 3), isMirrored: value & 4 != 0)
    }
}
