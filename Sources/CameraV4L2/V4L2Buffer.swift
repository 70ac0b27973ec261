import CV4L2
import LinuxIO

/// One of a driver's buffers as the kernel describes it, in one form for frames in one piece and in several.
struct V4L2Buffer {
    struct Plane {
        /// What to map it by.
        let offset: Int
        let length: Int
        /// Where in it the frame is.
        let used: Range<Int>
    }

    let index: Int
    let flags: UInt32
    /// Which frame it is, as the driver counts.
    let sequence: UInt32
    let timestamp: timeval
    let planes: [Plane]
}

extension V4L2Device {
    /// One of the calls about a buffer: `VIDIOC_QUERYBUF`, `QBUF` or `DQBUF`. The last chooses the buffer itself.
    @discardableResult
    borrowing func buffer(_ request: UInt, _ index: Int = 0) throws(Errno) -> V4L2Buffer {
        var buffer = v4l2_buffer()
        buffer.index = UInt32(index)
        buffer.type = bufferType.rawValue
        buffer.memory = V4L2_MEMORY_MMAP.rawValue
        guard isMultiPlanar else {
            try control(request, &buffer)
            let length = Int(buffer.length)
            let plane = V4L2Buffer.Plane(
                offset: Int(buffer.m.offset), length: length, used: 0..<min(Int(buffer.bytesused), length))
            return V4L2Buffer(
                index: Int(buffer.index), flags: buffer.flags, sequence: buffer.sequence, timestamp: buffer.timestamp,
                planes: [plane])
        }
        var planes = [v4l2_plane](repeating: v4l2_plane(), count: Int(VIDEO_MAX_PLANES))
        buffer.length = UInt32(planes.count)
        // Carried out as a result: in the older standard library the closure's error loses its type.
        let result: Result<Void, Errno> = planes.withUnsafeMutableBufferPointer { planes in
            buffer.m.planes = planes.baseAddress
            do throws(Errno) { return .success(try control(request, &buffer)) } catch { return .failure(error) }
        }
        try result.get()
        return V4L2Buffer(
            index: Int(buffer.index), flags: buffer.flags, sequence: buffer.sequence, timestamp: buffer.timestamp,
            planes: planes.prefix(Int(buffer.length)).map { plane in
                let end = min(plane.bytesused, plane.length)
                return V4L2Buffer.Plane(
                    offset: Int(plane.m.mem_offset), length: Int(plane.length),
                    used: Int(min(plane.data_offset, end))..<Int(end))
            })
    }
}
