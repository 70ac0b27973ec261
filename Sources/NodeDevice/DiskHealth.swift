/// What a disk tells of its wear and its faults without being root.
///
/// Of eMMC it is the device's own estimate (JEDEC eMMC 5.0: DEVICE_LIFE_TIME_EST_TYP_A and _B, PRE_EOL_INFO), which the kernel has in
/// `life_time` and `pre_eol_info` beside its block device; of ext4 how many errors the file system has noted since it was last
/// checked (`errors_count`). SD cards tell nothing, and NVMe's and SATA's SMART is root's.
struct DiskHealth: Encodable, Equatable, Sendable {
    enum State: String, Encodable {
        /// Of its spare blocks less than 80 % are used, more, or nearly all; `normal` as well where it tells its wear alone.
        case normal, warning, urgent
        /// It is beyond the life that its maker has given it.
        case worn
        /// Its file system has met errors.
        case errors
    }

    /// As the kernel names it: `mmcblk0`, `sda1`.
    let device: String
    let state: State
    /// How much of its life is used at most, in steps of ten.
    var wearPercent: Int?
    var errors: Int?

    static func all(_ files: MachineFiles) -> [DiskHealth] {
        let flash = files.names(in: "/sys/block").compactMap { DiskHealth(flash: $0, files) }
        let systems = files.names(in: "/sys/fs/ext4").compactMap { name -> DiskHealth? in
            guard let errors = files.integer("/sys/fs/ext4/\(name)/errors_count"), errors > 0 else { return nil }
            return DiskHealth(device: name, state: .errors, errors: errors)
        }
        return flash + systems
    }
}

extension DiskHealth {
    /// Nil of what is no eMMC, or says neither.
    private init?(flash name: String, _ files: MachineFiles) {
        // What is named further, as `mmcblk0boot0`, is a part of the same chip.
        guard name.hasPrefix("mmcblk"), Int(name.dropFirst("mmcblk".count)) != nil else { return nil }
        let folder = "/sys/block/\(name)/device/"
        func numbers(_ file: String) -> [Int] {
            (files.text(folder + file) ?? "").split(separator: " ")
                .compactMap { $0.hasPrefix("0x") ? Int($0.dropFirst(2), radix: 16) : nil }
        }
        // Zero is not defined, and what comes after these reserved.
        let life = numbers("life_time").filter { (0x01...0x0B).contains($0) }.max()
        let spare = numbers("pre_eol_info").first.flatMap { (1...3).contains($0) ? $0 : nil }
        guard life != nil || spare != nil else { return nil }
        let state: State =
            if spare == 3 { .urgent } else if life == 0x0B { .worn } else { spare == 2 ? .warning : .normal }
        self.init(device: name, state: state, wearPercent: life.map { min($0 * 10, 100) })
    }
}
