/// Frames of a genuine connection: a gateway of 13 April 2026 and the official node of the same day. White space between
/// the tokens is ours.
enum RecordedConnection {
    /// The first message.
    static let challenge = #"""
        {"type":"event","event":"connect.challenge","payload":{"nonce":"7adc58bd-8369-4bf6-9adf-71fc21565a1b",
        "ts":1795205639995}}
        """#

    /// What the official node sent then; the token is one of a throw-away gateway.
    static let connect = #"""
        {"type":"req","id":"eca5daef-c13a-4900-85bb-4fc5f29d5489","method":"connect","params":{"minProtocol":3,
        "maxProtocol":3,"client":{"id":"node-host","displayName":"refnode","version":"2026.4.12-beta.1",
        "platform":"linux","mode":"node","instanceId":"c355e7dd-4064-4543-92a7-0947006dc857"},"caps":["system"],
        "commands":["system.run.prepare","system.run","system.which","system.execApprovals.get",
        "system.execApprovals.set"],"pathEnv":"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "auth":{"token":"realgw-test-token-0123456789abcdef"},"role":"node","scopes":[],"device":{
        "id":"ef56c4133f786cca762f897f19d81462286495acc3ff857fdee92fb996ff9899",
        "publicKey":"gfDXCg0OBh9Wo0_PaKRoPiLIX-ss-ZmF07mdtbiRnaU",
        "signature":"CY67WpdL0XWyW9WCSwWcfFdYinx74lFCOCbRYU8aSa7DJboSuH5Uo_2aY7E6Gh9VKGKT_uFurcGtn4v_lL1yBQ",
        "signedAt":1795205639999,"nonce":"7adc58bd-8369-4bf6-9adf-71fc21565a1b"}}}
        """#

    /// The answer.
    static let hello = #"""
        {"type":"res","id":"eca5daef-c13a-4900-85bb-4fc5f29d5489","ok":true,"payload":{"type":"hello-ok",
        "protocol":3,"server":{"version":"2026.4.12-beta.1","connId":"00bd58af-9951-43dc-aa6b-dffb6d798191"},
        "features":{"methods":["health","doctor.memory.status","doctor.memory.dreamDiary",
        "doctor.memory.backfillDreamDiary","doctor.memory.resetDreamDiary","doctor.memory.resetGroundedShortTerm",
        "doctor.memory.repairDreamingArtifacts","doctor.memory.dedupeDreamDiary","logs.tail","channels.status",
        "channels.logout","status","usage.status","usage.cost","tts.status","tts.providers","tts.enable",
        "tts.disable","tts.convert","tts.setProvider","config.get","config.set","config.apply","config.patch",
        "config.schema","config.schema.lookup","exec.approvals.get","exec.approvals.set",
        "exec.approvals.node.get","exec.approvals.node.set","exec.approval.get","exec.approval.list",
        "exec.approval.request","exec.approval.waitDecision","exec.approval.resolve","plugin.approval.list",
        "plugin.approval.request","plugin.approval.waitDecision","plugin.approval.resolve","wizard.start",
        "wizard.next","wizard.cancel","wizard.status","talk.config","talk.speak","talk.mode","commands.list",
        "models.list","tools.catalog","tools.effective","agents.list","agents.create","agents.update",
        "agents.delete","agents.files.list","agents.files.get","agents.files.set","skills.status","skills.search",
        "skills.detail","skills.bins","skills.install","skills.update","update.run","voicewake.get",
        "voicewake.set","secrets.reload","secrets.resolve","sessions.list","sessions.subscribe",
        "sessions.unsubscribe","sessions.messages.subscribe","sessions.messages.unsubscribe","sessions.preview",
        "sessions.compaction.list","sessions.compaction.get","sessions.compaction.branch",
        "sessions.compaction.restore","sessions.create","sessions.send","sessions.abort","sessions.patch",
        "sessions.reset","sessions.delete","sessions.compact","last-heartbeat","set-heartbeats","wake",
        "node.pair.request","node.pair.list","node.pair.approve","node.pair.reject","node.pair.verify",
        "device.pair.list","device.pair.approve","device.pair.reject","device.pair.remove","device.token.rotate",
        "device.token.revoke","node.rename","node.list","node.describe","node.pending.drain",
        "node.pending.enqueue","node.invoke","node.pending.pull","node.pending.ack","node.invoke.result",
        "node.event","node.canvas.capability.refresh","cron.list","cron.status","cron.add","cron.update",
        "cron.remove","cron.run","cron.runs","gateway.identity.get","system-presence","system-event",
        "message.action","send","agent","agent.identity.get","agent.wait","chat.history","chat.abort",
        "chat.send"],"events":["connect.challenge","agent","chat","session.message","session.tool",
        "sessions.changed","presence","tick","talk.mode","shutdown","health","heartbeat","cron",
        "node.pair.requested","node.pair.resolved","node.invoke.request","device.pair.requested",
        "device.pair.resolved","voicewake.changed","exec.approval.requested","exec.approval.resolved",
        "plugin.approval.requested","plugin.approval.resolved","update.available"]},"snapshot":{"presence":[{
        "host":"gateway","ip":"192.0.2.2","version":"2026.4.12-beta.1","platform":"linux 6.12.0",
        "deviceFamily":"Linux","modelIdentifier":"x64","mode":"gateway","reason":"self",
        "text":"Gateway: gateway (192.0.2.2) · app 2026.4.12-beta.1 · mode gateway · reason self",
        "ts":1795205640008},{"host":"refnode","version":"2026.4.12-beta.1","platform":"linux","mode":"node",
        "deviceId":"ef56c4133f786cca762f897f19d81462286495acc3ff857fdee92fb996ff9899","roles":["node"],
        "instanceId":"ef56c4133f786cca762f897f19d81462286495acc3ff857fdee92fb996ff9899","reason":"connect",
        "ts":1795205640007,"text":"Node: refnode · mode node"}],"health":{"ok":true,"ts":1795205597448,
        "durationMs":0,"channels":{},"channelOrder":[],"channelLabels":{},"heartbeatSeconds":0,
        "defaultAgentId":"main","agents":[{"agentId":"main","isDefault":true,"heartbeat":{"enabled":true,
        "every":"0m","everyMs":null,
        "prompt":"Read HEARTBEAT.md if it exists (workspace context). Follow it strictly. Do not infer or repeat old tasks from prior chats. If nothing needs attention, reply HEARTBEAT_OK.",
        "target":"none","ackMaxChars":300},"sessions":{
        "path":"/home/gateway/.openclaw/agents/main/sessions/sessions.json","count":0,"recent":[]}}],"sessions":{
        "path":"/home/gateway/.openclaw/agents/main/sessions/sessions.json","count":0,"recent":[]}},
        "stateVersion":{"presence":4,"health":9},"uptimeMs":53962,"sessionDefaults":{"defaultAgentId":"main",
        "mainKey":"main","mainSessionKey":"agent:main:main","scope":"per-sender"}},"auth":{
        "deviceToken":"cIOlJI2C0pvJCh07HoE7TVRR4YaxZYQcNfgwEJUPjSQ","role":"node","scopes":[],
        "issuedAtMs":1795204478047},"policy":{"maxPayload":26214400,"maxBufferedBytes":52428800,
        "tickIntervalMs":30000}}}
        """#

    /// One of each kind of event that it got unasked.
    static let events = [
        #"""
        {"type":"event","event":"voicewake.changed","payload":{"triggers":["openclaw","claude","computer"]}}
        """#,
        #"""
        {"type":"event","event":"health","payload":{"ok":true,"ts":1795205642687,"durationMs":1,"channels":{},
        "channelOrder":[],"channelLabels":{},"heartbeatSeconds":0,"defaultAgentId":"main","agents":[{
        "agentId":"main","isDefault":true,"heartbeat":{"enabled":true,"every":"0m","everyMs":null,
        "prompt":"Read HEARTBEAT.md if it exists (workspace context). Follow it strictly. Do not infer or repeat old tasks from prior chats. If nothing needs attention, reply HEARTBEAT_OK.",
        "target":"none","ackMaxChars":300},"sessions":{
        "path":"/home/gateway/.openclaw/agents/main/sessions/sessions.json","count":0,"recent":[]}}],"sessions":{
        "path":"/home/gateway/.openclaw/agents/main/sessions/sessions.json","count":0,"recent":[]}},"seq":15,
        "stateVersion":{"presence":4,"health":11}}
        """#,
        #"""
        {"type":"event","event":"tick","payload":{"ts":1795205651130},"seq":28}
        """#,
    ]

    /// What it was asked for: with a budget and an idempotency key, with JSON inside JSON, and with neither.
    static let invocations = [
        #"""
        {"type":"event","event":"node.invoke.request","payload":{"id":"3e84d8c9-4bca-427f-b9d3-d4426037d3d0",
        "nodeId":"ef56c4133f786cca762f897f19d81462286495acc3ff857fdee92fb996ff9899","command":"system.which",
        "paramsJSON":"{\"bins\":[\"sh\"]}","timeoutMs":60000,
        "idempotencyKey":"8146a674-bc7e-45d7-ac3f-a76874e9e3b7"}}
        """#,
        #"""
        {"type":"event","event":"node.invoke.request","payload":{"id":"9ef8b230-b32e-4969-a023-fef1976c4d86",
        "nodeId":"ef56c4133f786cca762f897f19d81462286495acc3ff857fdee92fb996ff9899",
        "command":"system.run.prepare","paramsJSON":"{\"command\":[\"/bin/echo\",\"hi\"]}","timeoutMs":60000,
        "idempotencyKey":"8c1c21bc-7460-4603-91c9-19bf419182b9"}}
        """#,
        #"""
        {"type":"event","event":"node.invoke.request","payload":{"id":"6c3ca3e6-f6dc-4306-b5e1-d35196cdb797",
        "nodeId":"ef56c4133f786cca762f897f19d81462286495acc3ff857fdee92fb996ff9899","command":"system.run",
        "paramsJSON":"{\"command\":[\"/usr/bin/echo\",\"hi\"],\"rawCommand\":\"/usr/bin/echo hi\",\"systemRunPlan\":{\"argv\":[\"/usr/bin/echo\",\"hi\"],\"cwd\":null,\"commandText\":\"/usr/bin/echo hi\",\"commandPreview\":null,\"agentId\":null,\"sessionKey\":null},\"runId\":\"60ed03db-04d7-4569-890a-6e5806daae20\",\"approved\":true,\"approvalDecision\":\"allow-once\"}",
        "timeoutMs":60000,"idempotencyKey":"58923dee-8c6d-4c98-928f-d78ea0cc807f"}}
        """#,
        #"""
        {"type":"event","event":"node.invoke.request","payload":{"id":"e4be3a0e-8af6-4db0-a475-a78924668b78",
        "nodeId":"ef56c4133f786cca762f897f19d81462286495acc3ff857fdee92fb996ff9899",
        "command":"system.execApprovals.get","paramsJSON":"{}"}}
        """#,
    ]

    /// Its answers to the first two, and what the gateway said to the first of them.
    static let results = [
        #"""
        {"type":"req","id":"b28c707c-4199-4b27-8549-bd3183c5a711","method":"node.invoke.result","params":{
        "id":"3e84d8c9-4bca-427f-b9d3-d4426037d3d0",
        "nodeId":"ef56c4133f786cca762f897f19d81462286495acc3ff857fdee92fb996ff9899","ok":true,
        "payloadJSON":"{\"bins\":{\"sh\":\"/usr/bin/sh\"}}"}}
        """#,
        #"""
        {"type":"req","id":"41df91a5-fe38-4f3e-977d-9e74e4255aaa","method":"node.invoke.result","params":{
        "id":"9ef8b230-b32e-4969-a023-fef1976c4d86",
        "nodeId":"ef56c4133f786cca762f897f19d81462286495acc3ff857fdee92fb996ff9899","ok":true,
        "payloadJSON":"{\"plan\":{\"argv\":[\"/usr/bin/echo\",\"hi\"],\"cwd\":null,\"commandText\":\"/usr/bin/echo hi\",\"commandPreview\":null,\"agentId\":null,\"sessionKey\":null}}"}}
        """#,
    ]

    /// What the gateway says to a result.
    static let acknowledgement = #"""
        {"type":"res","id":"b28c707c-4199-4b27-8549-bd3183c5a711","ok":true,"payload":{"ok":true}}
        """#
}
