import Testing

@testable import NodeDevice

@Suite struct DiskHealthTests {
    @Test(
        "eMMC tells the larger of its two lives and whether its spare blocks last; what is not defined is not told",
        arguments: [
            ("0x01 0x01", "0x01", 10, .normal), ("0x03 0x07", "0x01", 70, .normal),
            ("0x0A 0x02", "0x02", 100, .warning),
            ("0x0a 0x0b", "0x02", 100, .worn), ("0x0B 0x0B", "0x03", 100, .urgent), ("0x01 0x01", "0x03", 10, .urgent),
            ("0x04 0x00", "0x00", 40, .normal), ("0x00 0x00", "0x02", nil, .warning),
            ("0x0F 0x02", "0x09", 20, .normal),
            ("0x00 0x00", "0x00", nil, nil), ("", "", nil, nil), ("worn out", "soon", nil, nil),
        ] as [(String, String, Int?, DiskHealth.State?)])
    func flash(life: String, spare: String, wear: Int?, state: DiskHealth.State?) throws {
        let disks = try FakeMachine.seen(
            [
                "/sys/block/mmcblk1/device/life_time": life + "\n",
                "/sys/block/mmcblk1/device/pre_eol_info": spare + "\n",
            ], DiskHealth.all)
        #expect(disks == (state.map { [DiskHealth(device: "mmcblk1", state: $0, wearPercent: wear)] } ?? []))
    }

    @Test("each chip is told of once; SD cards and other disks tell nothing") func others() throws {
        let disks = try FakeMachine.seen(
            [
                "/sys/block/mmcblk0/device/type": "SD\n", "/sys/block/sda/device/life_time": "0x02 0x02\n",
                "/sys/block/mmcblk2/device/life_time": "0x02 0x02\n",
                "/sys/block/mmcblk2boot0/device/life_time": "0x02 0x02\n",
            ], DiskHealth.all)
        #expect(disks.map(\.device) == ["mmcblk2"])
    }

    @Test("a file system is told of when it has met errors") func systems() throws {
        let disks = try FakeMachine.seen(
            [
                "/sys/fs/ext4/sda1/errors_count": "0\n", "/sys/fs/ext4/dm-0/errors_count": "3\n",
                "/sys/fs/ext4/sdb1/errors_count": "many\n", "/sys/fs/ext4/features/lazy_itable_init": "supported\n",
            ], DiskHealth.all)
        #expect(disks == [DiskHealth(device: "dm-0", state: .errors, errors: 3)])
    }
}
