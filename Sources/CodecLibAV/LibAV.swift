import CLibAV
import LinuxIO
import NodeMedia

/// The result of a call into libav, or why it failed, in its words.
@discardableResult
func lav(_ what: String, _ code: CInt) throws(ClipError) -> CInt {
    guard code < 0 else { return code }
    switch code {
    case CN_NO_SPACE, CN_FILE_TOO_LARGE, CN_NO_MEMORY: throw .system(Errno(-code))
    default: throw .unencodable("\(what): \(libAVText(code))")
    }
}

private func libAVText(_ code: CInt) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(AV_ERROR_MAX_STRING_SIZE)) { text in
        guard let start = text.baseAddress, av_strerror(code, start, text.count) == 0 else { return "error \(code)" }
        return String(cString: start)
    }
}

/// What libav gives when it has no memory is nil.
func given<T>(_ value: T?) throws(ClipError) -> T {
    guard let value else { throw .system(Errno(-CN_NO_MEMORY)) }
    return value
}

/// The owner of an `AVFrame`: a picture, or some samples.
final class Frame {
    let raw: UnsafeMutablePointer<AVFrame>

    init() throws(ClipError) {
        raw = try given(av_frame_alloc())
    }

    /// A picture with memory of its own.
    convenience init(width: Int, height: Int, format: AVPixelFormat) throws(ClipError) {
        try self.init()
        raw.pointee.width = CInt(width)
        raw.pointee.height = CInt(height)
        raw.pointee.format = format.rawValue
        try lav("a picture", av_frame_get_buffer(raw, 0))
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = raw
        av_frame_free(&frame)
    }

    /// With what is between the beginnings of two rows.
    typealias Plane = (start: UnsafeMutablePointer<UInt8>, stride: Int)

    /// Those of a picture, three at most.
    var planes: [Plane] {
        let (data, line) = (raw.pointee.data, raw.pointee.linesize)
        return [(data.0, line.0), (data.1, line.1), (data.2, line.2)].compactMap { start, stride in
            start.map { ($0, Int(stride)) }
        }
    }
}

/// The owner of an `AVPacket`: something encoded.
final class Packet {
    let raw: UnsafeMutablePointer<AVPacket>

    init() throws(ClipError) {
        raw = try given(av_packet_alloc())
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = raw
        av_packet_free(&packet)
    }
}

/// The owner of a codec that runs.
final class Codec {
    let raw: UnsafeMutablePointer<AVCodecContext>

    init(_ codec: UnsafePointer<AVCodec>) throws(ClipError) {
        raw = try given(avcodec_alloc_context3(codec))
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = raw
        avcodec_free_context(&context)
    }

    func open(_ options: [String: String] = [:]) throws(ClipError) {
        var dictionary = dictionary(options)
        defer { av_dict_free(&dictionary) }
        try lav(String(cString: raw.pointee.codec.pointee.name), avcodec_open2(raw, nil, &dictionary))
    }

    /// Puts `frame` in, nil at the end, and gives what comes out to `take`.
    func encode(_ frame: Frame?, _ take: (Packet) throws(ClipError) -> Void) throws(ClipError) {
        try lav("encoding", avcodec_send_frame(raw, frame?.raw))
        while true {
            let packet = try Packet()
            let code = avcodec_receive_packet(raw, packet.raw)
            if code == CN_AGAIN || code == CN_EOF { return }
            try lav("encoding", code)
            try take(packet)
        }
    }
}

func dictionary(_ options: [String: String]) -> OpaquePointer? {
    var dictionary: OpaquePointer?
    // Fails without memory only, and then so does what it is for.
    for (key, value) in options { av_dict_set(&dictionary, key, value, 0) }
    return dictionary
}
