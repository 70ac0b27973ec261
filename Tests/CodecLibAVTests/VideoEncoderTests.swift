import Testing

@testable import CodecLibAV

@Suite struct VideoEncoderTests {
    @Test("hardware is tried first, and last where it has done harm") func order() {
        #expect(
            VideoEncoder.order(avoidingHardware: false) == ["h264_v4l2m2m", "h264_vaapi", "libx264", "libopenh264"])
        #expect(VideoEncoder.order(avoidingHardware: true) == ["libx264", "libopenh264", "h264_v4l2m2m", "h264_vaapi"])
    }
}
