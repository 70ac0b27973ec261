import NodeCamera
import NodeMedia
import Testing

@testable import CameraV4L2

@Suite("Shot")
struct ShotTests {
    private let start = MonotonicTime(nanoseconds: 100_000_000_000)

    private func shot(_ warmUp: StillRequest.WarmUp, askedAfter milliseconds: Int, isSettled: Bool = false) -> Shot {
        let request = StillRequest(maxWidth: 640, warmUp: warmUp, askedAt: start + .milliseconds(milliseconds))
        return Shot(request: request, streamingSince: start, isSettled: isSettled)
    }

    private func isLateEnough(_ shot: Shot, _ milliseconds: Int) -> Bool {
        shot.isLateEnough(start + .milliseconds(milliseconds))
    }

    @Test("no frame from before the request is taken, and one from the same moment is")
    func neverOlder() {
        for warmUp in [StillRequest.WarmUp.exactly(.zero), .untilSettled] {
            let shot = shot(warmUp, askedAfter: 5_000)
            #expect(!isLateEnough(shot, 4_999))
            #expect(isLateEnough(shot, 5_000))
        }
    }

    @Test("a delay counts from the request on a warm camera")
    func delayWhenWarm() {
        let shot = shot(.exactly(.milliseconds(700)), askedAfter: 5_000)
        #expect(!isLateEnough(shot, 5_699))
        #expect(isLateEnough(shot, 5_700))
        #expect(!shot.needsLight)
    }

    @Test("a delay counts from the start of the stream on a cold one")
    func delayWhenCold() {
        let shot = shot(.exactly(.milliseconds(700)), askedAfter: -400)
        #expect(!isLateEnough(shot, 699))
        #expect(isLateEnough(shot, 700))
    }

    @Test("a cold camera is watched until it settles")
    func settling() {
        var shot = shot(.untilSettled, askedAfter: -100)
        #expect(shot.needsLight && !shot.hasSettled)
        let answers = [100, 200, 300, 400].map { shot.accepts(luminance: 90, at: start + .milliseconds($0)) }
        #expect(answers == [false, false, true, true])
        #expect(shot.hasSettled)
        #expect(shot.longest(from: start + .milliseconds(-100)) == .milliseconds(2_100))
    }

    @Test("a camera that settled, or has streamed for long enough, is not watched")
    func noSettling() {
        #expect(!shot(.untilSettled, askedAfter: 500, isSettled: true).needsLight)
        #expect(!shot(.untilSettled, askedAfter: 2_000).needsLight)
        #expect(shot(.untilSettled, askedAfter: 1_999).needsLight)
        var warm = shot(.untilSettled, askedAfter: 3_000)
        let isAccepted = warm.accepts(luminance: nil, at: start + .seconds(4))
        #expect(isAccepted)
    }

    @Test("a picture after a delay says nothing about whether the camera has settled")
    func notWatched() {
        var shot = shot(.exactly(.zero), askedAfter: 0)
        let isAccepted = shot.accepts(luminance: nil, at: start)
        #expect(isAccepted && !shot.hasSettled)
    }

    @Test("the time it may take covers the delay")
    func longest() {
        #expect(shot(.exactly(.seconds(4)), askedAfter: 0).longest(from: start) == .seconds(4))
        #expect(shot(.exactly(.zero), askedAfter: 0).longest(from: start + .seconds(1)) == .zero)
    }
}
