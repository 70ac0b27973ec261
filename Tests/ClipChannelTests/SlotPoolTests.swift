import NodeMedia
import Testing

@testable import ClipChannel

@Suite(.timeLimit(.minutes(5))) struct SlotPoolTests {
    @Test("the slot that came back last goes first, so that the others are never touched")
    func sparing() {
        let pool = SlotPool(3)
        #expect(pool.take() == 0)
        #expect(pool.take() == 1)
        #expect(pool.giveBack(0))
        #expect(pool.take() == 0)
        #expect(pool.take() == 2)
        #expect(pool.take() == nil)
        #expect(!pool.isComplete)
        for slot in 0..<3 { #expect(pool.giveBack(slot)) }
        #expect(pool.isComplete)
    }

    @Test("a slot that there is not, or that is free, cannot come back")
    func wrong() {
        let pool = SlotPool(2)
        #expect(!pool.giveBack(0))
        #expect(!pool.giveBack(2))
        #expect(!pool.giveBack(-1))
    }

    @Test("who waits gets the next one, in the order of asking")
    func waiting() async throws {
        let pool = SlotPool(1)
        _ = try await pool.next()
        async let first = pool.next()
        #expect(pool.giveBack(0))
        #expect(try await first == 0)
        #expect(pool.take() == nil)
    }

    @Test("a failure lets go whoever waits, and leaves nothing to take")
    func failure() async {
        let pool = SlotPool(1)
        _ = pool.take()
        await withTaskGroup(of: ClipError?.self) { group in
            group.addTask {
                do throws(ClipError) { _ = try await pool.next() } catch { return error }
                return nil
            }
            pool.fail(.encoderDied("one"))
            pool.fail(.encoderDied("two"))
            #expect(await group.next() == .encoderDied("one"))
        }
        await #expect(throws: ClipError.encoderDied("one")) { _ = try await pool.next() }
        #expect(pool.take() == nil)
    }

    @Test("a cancelled task does not wait")
    func cancelled() async {
        let pool = SlotPool(0)
        let result = await withTaskGroup(of: ClipError?.self) { group in
            group.addTask {
                do throws(ClipError) { _ = try await pool.next() } catch { return error }
                return nil
            }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(result == .cancelled)
    }
}
