import LinuxIO
import NodeMedia

@testable import CodecJPEG

/// Pictures through libjpeg-turbo. The input's last three bytes say what is asked for.
enum JPEGDecoding {
    /// Larger ones take long, and are decoded no other way.
    private static let mostPixels = 1 << 18

    @Sendable static func check(_ input: [UInt8]) throws {
        let bytes = Array(input.dropLast(3))
        let how = Array(input.suffix(3))
        let parts: JPEGStructure
        do throws(JPEGStructure.Flaw) { parts = try JPEGStructure(bytes) } catch { return }
        guard how.count == 3, parts.width * parts.height <= mostPixels else { return }

        if let light = bytes.withUnsafeBytes({ TurboJPEGLightMeter().meanLuminance(jpeg: $0) }) {
            expect((0...255).contains(light), "brightness has a scale")
        }
        let maxWidth = max(2, Int(how[0]) * 4)
        let limit = Int(how[2]) * 256
        let image = Image(width: parts.width, height: parts.height, format: .jpeg, bytes: bytes, capturedAt: .now)
        let encoded: EncodedImage
        do throws(MediaError) {
            encoded = try TurboJPEGEncoder().jpeg(
                image, maxWidth: maxWidth, quality: Double(max(5, how[1] % 101)) / 100, byteLimit: limit)
        } catch {
            guard case .tooLarge(let size, let told) = error else { return }
            return expect(size > told && told == limit, "too large is larger than allowed")
        }
        let result = try encoded.file.bytes()
        expect(result.count <= limit, "no picture is larger than allowed")
        expect(encoded.width <= maxWidth, "no picture is wider than asked")
        let made = try JPEGStructure(result)
        expect((made.width, made.height) == (encoded.width, encoded.height), "a picture is as large as told")
        expect(made.length == result.count && made.hasHuffmanTables, "a picture is whole, and nothing follows it")
    }
}
