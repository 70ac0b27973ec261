import CV4L2
import Glibc
import LinuxIO

/// The driver's picture buffers, mapped into our memory for as long as this lives.
struct V4L2Buffers: ~Copyable {
    private let mappings: [UnsafeMutableRawBufferPointer]

    /// Few, because at 4K one has 16 MB: one that is filled, one that waits and one that is read.
    private static let wanted: UInt32 = 3

    init(of device: borrowing V4L2Device) throws(Errno) {
        var request = v4l2_requestbuffers()
        request.count = Self.wanted
        request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        request.memory = V4L2_MEMORY_MMAP.rawValue
        try device.control(CN_VIDIOC_REQBUFS, &request)
        var mappings: [UnsafeMutableRawBufferPointer] = []
        do throws(Errno) {
            for index in 0..<request.count { mappings.append(try Self.map(index, of: device)) }
            guard !mappings.isEmpty else { throw Errno(ENOMEM) }
        } catch {
            Self.unmap(mappings)
            throw error
        }
        self.mappings = mappings
    }

    deinit {
        Self.unmap(mappings)
    }

    var count: Int { mappings.count }

    /// The first `length` bytes of a buffer, or all of it if it has fewer.
    borrowing func bytes(at index: Int, length: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: mappings[index].prefix(length))
    }

    private static func map(_ index: UInt32, of device: borrowing V4L2Device) throws(Errno)
        -> UnsafeMutableRawBufferPointer
    {
        var buffer = v4l2_buffer()
        buffer.index = index
        buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        buffer.memory = V4L2_MEMORY_MMAP.rawValue
        try device.control(CN_VIDIOC_QUERYBUF, &buffer)
        let length = Int(buffer.length)
        // Writable because libv4lconvert's decoders may take what they read as work space.
        let start = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, device.raw, Int(buffer.m.offset))
        guard let start, start != MAP_FAILED else { throw .current }
        return UnsafeMutableRawBufferPointer(start: start, count: length)
    }

    private static func unmap(_ mappings: [UnsafeMutableRawBufferPointer]) {
        for mapping in mappings { munmap(mapping.baseAddress, mapping.count) }
    }
}
