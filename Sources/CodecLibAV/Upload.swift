import CLibAV
import NodeMedia

/// Brings pictures into the memory of a graphics processor (VA-API). Written against the documentation.
final class Upload {
    private var pool: UnsafeMutablePointer<AVBufferRef>?
    private var scaler: OpaquePointer?
    private let width: Int
    private let height: Int

    init(_ shape: VideoEncoder.Shape) throws(ClipError) {
        (width, height) = (shape.width, shape.height)
        var device: UnsafeMutablePointer<AVBufferRef>?
        defer { av_buffer_unref(&device) }
        try lav("VA-API", av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_VAAPI, nil, nil, 0))
        let made = try given(av_hwframe_ctx_alloc(device))
        pool = made
        made.pointee.data.withMemoryRebound(to: AVHWFramesContext.self, capacity: 1) { frames in
            frames.pointee.format = AV_PIX_FMT_VAAPI
            frames.pointee.sw_format = AV_PIX_FMT_NV12
            frames.pointee.width = CInt(width)
            frames.pointee.height = CInt(height)
            frames.pointee.initial_pool_size = 20
        }
        do throws(ClipError) { try lav("VA-API", av_hwframe_ctx_init(made)) } catch {
            av_buffer_unref(&pool)
            throw error
        }
    }

    deinit {
        av_buffer_unref(&pool)
        sws_freeContext(scaler)
    }

    func frames() throws(ClipError) -> UnsafeMutablePointer<AVBufferRef> {
        try given(av_buffer_ref(pool))
    }

    func uploaded(_ frame: Frame) throws(ClipError) -> Frame {
        let (width, height) = (CInt(width), CInt(height))
        let interleaved = try Frame(width: self.width, height: self.height, format: AV_PIX_FMT_NV12)
        scaler = sws_getCachedContext(
            scaler, width, height, AV_PIX_FMT_YUV420P, width, height, AV_PIX_FMT_NV12, CInt(SWS_POINT), nil, nil, nil)
        let context = try given(scaler)
        let from = frame.planes.map { UnsafePointer<UInt8>?($0.start) }
        let fromStrides = frame.planes.map { CInt($0.stride) }
        let to = interleaved.planes.map { UnsafeMutablePointer<UInt8>?($0.start) }
        let toStrides = interleaved.planes.map { CInt($0.stride) }
        try lav("VA-API", sws_scale(context, from, fromStrides, 0, height, to, toStrides))
        let uploaded = try Frame()
        try lav("VA-API", av_hwframe_get_buffer(pool, uploaded.raw, 0))
        try lav("VA-API", av_hwframe_transfer_data(uploaded.raw, interleaved.raw, 0))
        return uploaded
    }
}
