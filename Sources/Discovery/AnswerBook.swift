import Glibc

/// What was answered so far, and what there is still to ask for.
struct AnswerBook: Sendable {
    private struct Service {
        var priority: UInt16
        var port: UInt16
        var host: DNSName
    }

    private let type: DNSName
    private var instances: [DNSName] = []
    private var services: [DNSName: Service] = [:]
    private var texts: [DNSName: [[UInt8]]] = [:]
    private var addresses: [DNSName: [String]] = [:]

    /// More gateways than anybody chooses among, and more addresses than a machine has; whoever answers with more is lying.
    private static let maxInstances = 64
    private static let maxAddresses = 16

    init(service: String = FoundGateway.service) {
        type = DNSName(service + ".local")
    }

    /// `interface`: on which the answer came.
    mutating func take(_ message: DNSMessage, interface: String) {
        for record in message.records {
            guard case .pointer(let instance) = record.data, record.name == type, !instances.contains(instance),
                instances.count < Self.maxInstances, DNSName(Array(instance.labels.dropFirst())) == type
            else { continue }
            instances.append(instance)
        }
        // What is said of nobody who was named is not kept.
        for record in message.records where instances.contains(record.name) {
            switch record.data {
            case .service(let priority, let port, let host):
                if let known = services[record.name], known.priority <= priority { continue }
                services[record.name] = Service(priority: priority, port: port, host: host)
            case .text(let lines): texts[record.name] = texts[record.name] ?? lines
            default: break
            }
        }
        let hosts = Set(services.values.map(\.host))
        for record in message.records where hosts.contains(record.name) {
            guard case .address(let bytes) = record.data else { continue }
            let text = Self.text(bytes, interface)
            var known = addresses[record.name] ?? []
            if known.count < Self.maxAddresses, !known.contains(text) { known.append(text) }
            addresses[record.name] = known
        }
    }

    private static func text(_ bytes: [UInt8], _ interface: String) -> String {
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { space -> String in
            let family = bytes.count == 4 ? AF_INET : AF_INET6
            guard let start = space.baseAddress, inet_ntop(family, bytes, start, socklen_t(space.count)) != nil else {
                return "?"
            }
            return String(cString: start)
        }
        return FoundGateway.address(text, on: interface)
    }

    /// Who is there, and what of it is missing.
    var questions: [DNSMessage.Question] {
        var questions = [DNSMessage.Question(name: type, kind: .ptr)]
        for instance in instances {
            guard let service = services[instance] else {
                questions += [.init(name: instance, kind: .srv), .init(name: instance, kind: .txt)]
                continue
            }
            if addresses[service.host] == nil {
                questions += [.init(name: service.host, kind: .a), .init(name: service.host, kind: .aaaa)]
            }
        }
        // As many as fit into one message.
        return Array(questions.prefix(32))
    }

    /// Those that can be dialled, in the order of their names.
    var gateways: [FoundGateway] {
        instances.compactMap { instance in
            guard let service = services[instance], let addresses = addresses[service.host], service.port != 0 else {
                return nil
            }
            return FoundGateway(
                name: instance.labels[0], host: service.host.text, port: service.port, addresses: addresses,
                texts: texts[instance] ?? [])
        }.sorted { ($0.name, $0.host, $0.port) < ($1.name, $1.host, $1.port) }
    }
}
