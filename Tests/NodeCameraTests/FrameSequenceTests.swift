import NodeCore
import NodeMedia
import Testing

@testable import NodeCamera

@Suite("Frame sequence", .timeLimit(.minutes(5)))
struct FrameSequenceTests {
    private static let key: [UInt8] = [0, 0, 0, 1, 0x65, 9]
    private static let difference: [UInt8] = [0, 0, 0, 1, 0x41, 9]

    private func frame(_ number: Int, _ bytes: [UInt8] = []) -> Image {
        Image(
            width: 2, height: 2, format: .mjpeg, bytes: bytes,
            capturedAt: MonotonicTime(nanoseconds: Int64(number)))
    }

    private func number(_ frame: Image) -> Int { Int(frame.capturedAt.nanoseconds) }

    @Test("who is slow gets the newest two frames") func newest() async throws {
        let frames = FrameSequence(of: .mjpeg)
        for number in 1...9 { frames.offer(frame(number)) }
        #expect(number(try await frames.next()) == 8)
        #expect(number(try await frames.next()) == 9)
    }

    @Test("who waits gets the next frame") func waiting() async throws {
        let frames = FrameSequence(of: .mjpeg)
        async let first = frames.next()
        for _ in 0..<100 { await Task.yield() }
        frames.offer(frame(1))
        frames.offer(frame(2))
        #expect(number(try await first) == 1)
        #expect(number(try await frames.next()) == 2)
    }

    @Test("after the last frame comes the reason, again and again") func end() async throws {
        let frames = FrameSequence(of: .mjpeg)
        frames.offer(frame(1))
        frames.finish(.gone("it"))
        frames.finish(.noFrame("it"))
        #expect(number(try await frames.next()) == 1)
        await #expect(throws: CameraError.gone("it")) { try await frames.next() }
        await #expect(throws: CameraError.gone("it")) { try await frames.next() }
    }

    @Test("who waits is told of the end") func endWhileWaiting() async throws {
        let frames = FrameSequence(of: .mjpeg)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: CameraError.gone("it")) { try await frames.next() } }
            for _ in 0..<100 { await Task.yield() }
            frames.finish(.gone("it"))
        }
    }

    @Test("cancelling ends the wait") func cancelled() async {
        let frames = FrameSequence(of: .mjpeg)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: CameraError.cancelled) { try await frames.next() } }
            for _ in 0..<100 { await Task.yield() }
            group.cancelAll()
        }
    }

    @Test("H.264 begins with a key frame, and none of ten seconds is lost") func differences() async throws {
        let frames = FrameSequence(of: .h264)
        frames.offer(frame(1, Self.difference))
        frames.offer(frame(2, Self.key))
        for number in 3..<302 { frames.offer(frame(number, Self.difference)) }
        for expected in 2..<302 { #expect(number(try await frames.next()) == expected) }
    }

    @Test("where a frame was lost, H.264 goes on with the next key frame", arguments: [false, true])
    func lost(isFull: Bool) async throws {
        let frames = FrameSequence(of: .h264)
        frames.offer(frame(1, Self.key))
        for number in 2...4 { frames.offer(frame(number, Self.difference)) }
        if isFull {
            for number in 5...400 { frames.offer(frame(number, Self.difference)) }
        } else {
            frames.skipToKeyFrame()
        }
        frames.offer(frame(401, Self.difference))
        frames.offer(frame(402, Self.key))
        #expect(number(try await frames.next()) == 402)
    }

    @Test("what has come before a frame that was lost is of use, what comes after it is not up to the next key frame")
    func lostOnTheWay() async throws {
        let frames = FrameSequence(of: .h264)
        frames.offer(frame(1, Self.key))
        frames.offer(frame(2, Self.difference))
        frames.frameWasLost()
        frames.offer(frame(4, Self.difference))
        frames.offer(frame(5, Self.key))
        #expect(number(try await frames.next()) == 1)
        #expect(number(try await frames.next()) == 2)
        #expect(number(try await frames.next()) == 5)
    }

    @Test("each time that a key frame is needed, the camera is asked for one once") func requests() {
        let frames = FrameSequence(of: .h264)
        #expect(frames.takeKeyFrameRequest())
        frames.offer(frame(1, Self.difference))
        #expect(!frames.takeKeyFrameRequest())
        frames.offer(frame(2, Self.key))
        #expect(!frames.takeKeyFrameRequest())
        frames.frameWasLost()
        #expect(frames.takeKeyFrameRequest())
        frames.offer(frame(4, Self.key))
        // A microphone has been opened meanwhile.
        frames.skipToKeyFrame()
        #expect(frames.takeKeyFrameRequest())
    }

    @Test("one that came by itself, or was never needed, is not asked for", arguments: [PixelFormat.h264, .mjpeg])
    func noRequest(format: PixelFormat) {
        let frames = FrameSequence(of: format)
        frames.offer(frame(1, Self.key))
        #expect(!frames.takeKeyFrameRequest())
        if format == .mjpeg {
            frames.frameWasLost()
            #expect(!frames.takeKeyFrameRequest())
        }
    }

    @Test("who cannot use a frame goes on with the next key frame that waits, or that comes")
    func unusable() async throws {
        let frames = FrameSequence(of: .h264)
        for (number, bytes) in [Self.key, Self.difference, Self.difference, Self.key, Self.difference].enumerated() {
            frames.offer(frame(number, bytes))
        }
        #expect(number(try await frames.next()) == 0)
        frames.dropToKeyFrame()
        #expect(number(try await frames.next()) == 3)
        frames.dropToKeyFrame()
        frames.offer(frame(5, Self.difference))
        frames.offer(frame(6, Self.key))
        #expect(number(try await frames.next()) == 6)
    }

    @Test("a lost picture leaves the others as they are") func lostPicture() async throws {
        let frames = FrameSequence(of: .yuv420)
        frames.offer(frame(1))
        frames.skipToKeyFrame()
        #expect(number(try await frames.next()) == 1)
    }
}
