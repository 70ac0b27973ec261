import NodeMedia
import Testing

@testable import ClipChannel

/// What becomes of the colours of a camera's JPEGs. With the real program; a foreign one makes and judges.
extension EncoderTests {
    @Suite("Colours of a clip", .timeLimit(.minutes(5))) struct EncoderColourTests {
        /// Little blue on the left and much on the right, little red above and much below.
        private static let quarters = "geq=lum=lum(X\\,Y):cb=if(lt(X\\,W/2)\\,60\\,200):cr=if(lt(Y\\,H/2)\\,70\\,190)"

        @Test("each stays where it is, however fine a camera's are", arguments: ["yuvj420p", "yuvj422p", "yuvj444p"])
        func places(pixels: String) async throws {
            try await Studio.run { studio in
                let footage = try await Footage.mjpeg(studio, count: 6, pixels: pixels, filter: Self.quarters)
                let clip = try await studio.host.encode(Studio.plan(.mp4, .mjpeg, seconds: 0.2)) { track in
                    try await studio.feed(track, seconds: 0.2) { footage.image($0, .mjpeg, at: $1) }
                }
                let (width, height) = (Studio.width / 2, Studio.height / 2)
                let blue = try await studio.levels(clip, filter: "extractplanes=u")
                let red = try await studio.levels(clip, filter: "extractplanes=v")
                try #require(blue.count == 6 * width * height && red.count == blue.count)
                for index in blue.indices {
                    let (x, y) = (index % width, index / width % height)
                    // Codecs blur what is next to a border.
                    guard abs(x - width / 2) > 8, abs(y - height / 2) > 8 else { continue }
                    guard x < width / 2 ? blue[index] < 90 : blue[index] > 170,
                        y < height / 2 ? red[index] < 100 : red[index] > 160
                    else {
                        Issue.record("blue \(blue[index]), red \(red[index]) at \(x), \(y)")
                        return
                    }
                }
            }
        }
    }
}
