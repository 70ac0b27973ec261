import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import NodeDevice

@Suite("MachineFacts") struct MachineFactsTests {
    /// The facts of a machine that has just these files.
    private func facts(_ files: [String: String]) throws -> MachineFacts {
        let folder = try ScratchFolder()
        let root = folder.path
        for (path, text) in files {
            let end = try #require(path.lastIndex(of: "/"))
            try StateFile.makeDirectory(root + path[..<end])
            try StateFile.write(root + path, Array(text.utf8), durable: false)
        }
        return withExtendedLifetime(folder) { MachineFacts.read(root: root) }
    }

    @Test("a Raspberry Pi is told by its device tree")
    func raspberryPi() throws {
        let facts = try facts([
            "/etc/os-release": """
            PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
            # a comment with an = sign
            ID=debian

            """,
            "/proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
            "/etc/machine-info": "PRETTY_HOSTNAME=\"Kitchen \\\"Pi\\\"\"\nCHASSIS=embedded\n",
        ])
        #expect(facts.model == "Raspberry Pi 4 Model B Rev 1.4")
        #expect(facts.distribution == "Debian GNU/Linux 12 (bookworm)")
        #expect(facts.distributionID == "debian")
        #expect(facts.prettyHostName == #"Kitchen "Pi""#)
        #expect(facts.chassis == "embedded")
        #expect(facts.virtualization == nil)
    }

    @Test("a PC is told by its DMI tables")
    func computer() throws {
        let facts = try facts([
            "/usr/lib/os-release": "NAME=Fedora\nID='fedora'\n",
            "/sys/class/dmi/id/product_name": "ThinkPad X1\n",
            "/sys/class/dmi/id/chassis_type": "10\n",
        ])
        #expect(facts.model == "ThinkPad X1")
        #expect(facts.distribution == "Linux")
        #expect(facts.distributionID == "fedora")
        #expect(facts.chassis == "laptop")
        #expect(facts.prettyHostName == nil)
    }

    @Test("what a maker left as it was is no model")
    func placeholder() throws {
        #expect(try facts(["/sys/class/dmi/id/product_name": "To Be Filled By O.E.M.\n"]).model == "unknown")
    }

    @Test("a machine that tells nothing has what the kernel says")
    func bare() throws {
        var system = utsname()
        uname(&system)
        let facts = try facts([:])
        #expect(facts.model == "unknown")
        #expect(facts.distributionID == "linux")
        let release = withUnsafeBytes(of: &system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        #expect(facts.kernel == release)
        #expect(["x86_64", "aarch64"].contains(facts.architecture))
        #expect(facts.chassis == nil)
    }

    @Test(
        "hypervisors and containers are told by what they leave",
        arguments: [
            (["/sys/class/dmi/id/sys_vendor": "QEMU\n"], "qemu"),
            (["/sys/class/dmi/id/product_name": "VMware Virtual Platform\n"], "vmware"),
            (["/sys/hypervisor/type": "xen\n"], "xen"),
            (["/.dockerenv": "", "/sys/class/dmi/id/sys_vendor": "QEMU\n"], "docker"),
            (["/run/systemd/container": "lxc\n"], "lxc"),
        ])
    func virtualization(files: [String: String], expected: String) throws {
        #expect(try facts(files).virtualization == expected)
    }

    @Test("quotes and backslashes of os-release are undone, what is no assignment is passed over")
    func assignments() {
        let values = MachineFacts.assignments("A=1\nB=\"two words\"\nC='x'\nD=a\\$b\n#E=1\nnothing\nF=\n=\nG=\"\n")
        #expect(values["A"] == "1")
        #expect(values["B"] == "two words")
        #expect(values["C"] == "x")
        #expect(values["D"] == "a$b")
        #expect(values["#E"] == nil)
        #expect(values["F"] == nil)
        #expect(values["G"] == "\"")
    }
}
