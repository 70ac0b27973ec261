import CFramebuffer
import Glibc
import LinuxIO
import NodeScreen

/// An open framebuffer. It is read, not mapped: of a device whose driver goes, reading fails, where memory would end the process.
struct FramebufferDevice: ~Copyable {
    private let descriptor: FileDescriptor
    let name: String

    private init(_ name: String, at path: String) throws(Errno) {
        descriptor = try FileDescriptor(opening: path, flags: O_RDONLY)
        self.name = name
    }

    static func open(_ name: String, below root: String) throws(ScreenError) -> FramebufferDevice {
        let path = "\(root)/dev/\(name)"
        do throws(Errno) { return try FramebufferDevice(name, at: path) } catch {
            guard [EACCES, EPERM].contains(error.code) else { throw .lost(error, name) }
            throw .permission(
                "the console's framebuffer \(path)",
                remedy:
                    "`sudo usermod -aG \(User.group(of: path) ?? "video") \(User.own.name)` and start the node again; a "
                    + "desktop is seen by its user's node, with DISPLAY or WAYLAND_DISPLAY in its environment")
        }
    }

    var layout: FramebufferLayout {
        get throws(ScreenError) {
            var (variable, fixed) = (fb_var_screeninfo(), fb_fix_screeninfo())
            do throws(Errno) {
                try control(CN_FBIOGET_VSCREENINFO, &variable)
                try control(CN_FBIOGET_FSCREENINFO, &fixed)
            } catch { throw .lost(error, name) }
            guard let layout = FramebufferLayout(variable, fixed) else {
                throw .unsupported(
                    name, reason: "its \(variable.bits_per_pixel) bits a pixel are no colours that are known here")
            }
            return layout
        }
    }

    /// Whether somebody else has the display that a graphics driver's framebuffer is for: a desktop, or whatever draws by the
    /// driver itself. Then this memory is not what people see. The driver says so of every request that is for whoever is in front;
    /// the other answers, at once or with the next frame, are one to us.
    var isCovered: Bool {
        var first: UInt32 = 0
        do throws(Errno) {
            try control(CN_FBIO_WAITFORVSYNC, &first)
            return false
        } catch { return error.code == EBUSY }
    }

    /// Whether that one of the kernel's consoles is shown here, when it is in front.
    func shows(console: Int) -> Bool {
        var map = fb_con2fbmap(console: UInt32(truncatingIfNeeded: console), framebuffer: 0)
        do throws(Errno) {
            try control(CN_FBIOGET_CON2FBMAP, &map)
            return name == "fb\(map.framebuffer)"
        } catch { return false }
    }

    /// The rows that are shown now.
    func rows(of layout: FramebufferLayout) throws(ScreenError) -> [UInt8] {
        let raw = descriptor.raw
        var failure: Errno?
        let rows = [UInt8](unsafeUninitializedCapacity: layout.size) { bytes, count in
            do throws(Errno) {
                // It gives less at a time than it is asked for.
                while count < layout.size {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(bytes)[count...])
                    let got = try call { pread(raw, rest.baseAddress, rest.count, off_t(layout.offset + count)) }
                    guard got > 0 else { throw Errno(ENODATA) }
                    count += got
                }
            } catch { failure = error }
        }
        if let failure { throw .lost(failure, name) }
        return rows
    }

    private func control<T>(_ request: UInt, _ argument: inout T) throws(Errno) {
        let raw = descriptor.raw
        try withUnsafeMutablePointer(to: &argument) { pointer throws(Errno) in
            _ = try call { CN_fb_ioctl(raw, request, pointer) }
        }
    }
}

extension ScreenError {
    /// What a failed call on a framebuffer means.
    fileprivate static func lost(_ error: Errno, _ name: String) -> ScreenError {
        [ENOENT, ENODEV, ENXIO].contains(error.code) ? .gone(name) : .failed(name, reason: error.description)
    }
}
