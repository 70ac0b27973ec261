import CV4L2
import Glibc
import LinuxIO

/// The driver's picture buffers, mapped into our memory for as long as this lives.
struct V4L2Buffers: ~Copyable {
    /// By buffer, then by plane.
    private let mappings: [[UnsafeMutableRawBufferPointer]]

    /// Few, because at 4K one has 16 MB: one that is filled, one that waits and one that is read.
    private static let few: UInt32 = 3
    /// Of what the camera encodes one that is lost takes those that refer to it along; so many wait for a quarter of a second.
    private static let many: UInt32 = 8

    /// `isEncoded`: each frame but the key frames needs the ones before it.
    init(of device: borrowing V4L2Device, isEncoded: Bool) throws(Errno) {
        var request = v4l2_requestbuffers()
        request.count = isEncoded ? Self.many : Self.few
        request.type = device.bufferType.rawValue
        request.memory = V4L2_MEMORY_MMAP.rawValue
        try device.control(CN_VIDIOC_REQBUFS, &request)
        var mappings: [[UnsafeMutableRawBufferPointer]] = []
        do throws(Errno) {
            for index in 0..<Int(request.count) {
                mappings.append([])
                for plane in try device.buffer(CN_VIDIOC_QUERYBUF, index).planes {
                    mappings[index].append(try Self.map(plane, of: device))
                }
            }
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

    /// The bytes of the frame in `buffer`, plane by plane.
    borrowing func bytes(of buffer: V4L2Buffer) -> [UnsafeMutableRawBufferPointer] {
        zip(mappings[buffer.index], buffer.planes).map { mapping, plane in
            UnsafeMutableRawBufferPointer(rebasing: mapping[plane.used])
        }
    }

    private static func map(
        _ plane: V4L2Buffer.Plane, of device: borrowing V4L2Device
    ) throws(Errno) -> UnsafeMutableRawBufferPointer {
        // Writable because libv4lconvert's decoders may take what they read as work space.
        let start = mmap(nil, plane.length, PROT_READ | PROT_WRITE, MAP_SHARED, device.raw, plane.offset)
        guard let start, start != MAP_FAILED else { throw .current }
        return UnsafeMutableRawBufferPointer(start: start, count: plane.length)
    }

    private static func unmap(_ mappings: [[UnsafeMutableRawBufferPointer]]) {
        for mapping in mappings.joined() { munmap(mapping.baseAddress, mapping.count) }
    }
}
