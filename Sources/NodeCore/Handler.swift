/// A command as the registry holds it: bytes in, reply out.
package struct Handler: Sendable {
    package let name: CommandName
    package let perform: @Sendable (Invocation, InvocationContext) async -> Reply

    package init(
        name: CommandName, perform: @escaping @Sendable (Invocation, InvocationContext) async -> Reply
    ) {
        self.name = name
        self.perform = perform
    }

    /// Decodes the params, runs the command, encodes its output. Absent params, and the text `null`, are an empty object.
    package init<C: Command>(_ command: C) {
        name = C.name
        perform = { invocation, context in
            do {
                let params = try Self.decode(C.Params.self, from: invocation.params)
                let output = try await command.run(params, in: context)
                let blob = (output as? any HasBlob)?.blob
                return Reply(outcome: .success(try JSON.encode(output)), blob: blob)
            } catch let error as any RefusalConvertible {
                return .refused(error.refusal)
            } catch is CancellationError {
                return .refused(.cancelled)
            } catch {
                context.log.error(
                    "Command failed", ["command": C.name.text, "id": context.id, "error": "\(error)"],
                    id: .commandFailed)
                return .refused(.failed(C.name))
            }
        }
    }

    private static func decode<P: Decodable>(_: P.Type, from text: [UInt8]?) throws(Refusal) -> P {
        let text = text.flatMap { $0.elementsEqual("null".utf8) ? nil : $0 } ?? Array("{}".utf8)
        guard text.first(where: { !isBlank($0) }) == UInt8(ascii: "{") else {
            throw Refusal(.invalidRequest, "params must be a JSON object")
        }
        do throws(JSONFailure) { return try JSON.decode(P.self, from: text) } catch {
            throw Refusal(.invalidRequest, "params: \(error)")
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
