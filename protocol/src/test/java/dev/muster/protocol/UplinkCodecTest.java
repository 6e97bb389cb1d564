package dev.muster.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.Uplink.CommandResult;
import dev.muster.protocol.Uplink.Event;
import dev.muster.protocol.Uplink.Events;
import dev.muster.protocol.Uplink.Fix;
import dev.muster.protocol.Uplink.Heartbeat;
import dev.muster.protocol.Uplink.Hello;
import dev.muster.protocol.Uplink.LogRecord;
import dev.muster.protocol.Uplink.Logs;
import dev.muster.protocol.Uplink.Positions;
import dev.muster.protocol.Uplink.Reading;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.Uplink.Telemetry;
import dev.muster.protocol.Uplink.Update;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;

class UplinkCodecTest {
    private static final String CID = "c-1";
    private static final long TS = 1_764_000_000_000L;

    static Stream<Arguments> frames() {
        return Stream.of(
                frame(UplinkKind.HELLO, "{'protocol':1,'agent':'1.3.0'}", new Hello(1, "1.3.0", List.of())),
                frame(
                        UplinkKind.HELLO,
                        "{'protocol':1,'agent':'a','capabilities':['config','update'],'later':{'x':[1]}}",
                        new Hello(1, "a", List.of("config", "update"))),
                frame(UplinkKind.HEARTBEAT, "{}", new Heartbeat(null, null, Map.of())),
                frame(
                        UplinkKind.HEARTBEAT,
                        "{'ts':1764000000000,'seq':4,'health':{'cpu':0.5,'disk':'ok','ntp':true}}",
                        new Heartbeat(TS, 4L, Map.of("cpu", 0.5, "disk", "ok", "ntp", true))),
                frame(UplinkKind.TELEMETRY, "{'speed':61.2}", telemetry(new Reading(null, Map.of("speed", 61.2)))),
                frame(
                        UplinkKind.TELEMETRY,
                        "{'ts':1764000000000,'speed':61}",
                        telemetry(new Reading(TS, Map.of("speed", 61.0)))),
                frame(
                        UplinkKind.TELEMETRY,
                        "{'ts':1764000000000,'values':{'speed':61.2,'door':true,'gear':'D','gone':null}}",
                        telemetry(new Reading(TS, Map.of("speed", 61.2, "door", true, "gear", "D")))),
                frame(
                        UplinkKind.TELEMETRY,
                        "[{'a':1},{'ts':1.764e12,'values':{'cpu.load-1':-2e-3}}]",
                        telemetry(new Reading(null, Map.of("a", 1.0)), new Reading(TS, Map.of("cpu.load-1", -0.002)))),
                frame(
                        UplinkKind.POSITION,
                        "{'ts':1764000000000,'lat':48.1,'lon':-11.5,'alt':519,'speed':13.9,'heading':270,"
                                + "'accuracy':3.5,'fix':'3d'}",
                        new Positions(List.of(new Fix(TS, 48.1, -11.5, 519.0, 13.9, 270.0, 3.5, "3d")))),
                frame(
                        UplinkKind.POSITION,
                        "[{'lat':1,'lon':2},{'lat':-90,'lon':180,'alt':null}]",
                        new Positions(List.of(
                                new Fix(null, 1, 2, null, null, null, null, null),
                                new Fix(null, -90, 180, null, null, null, null, null)))),
                frame(
                        UplinkKind.STATE_REPORTED,
                        "{'generation':7,'config':{'rate':5,'net':{'dns':['a','b']}},'software':{'app':'1.4.2'},"
                                + "'bootId':'b-1'}",
                        new StateReport(
                                null,
                                7L,
                                Map.of("rate", 5L, "net", Map.of("dns", List.of("a", "b"))),
                                Map.of("app", "1.4.2"),
                                Map.of(),
                                null,
                                "b-1")),
                frame(
                        UplinkKind.STATE_REPORTED,
                        "{'generation':8,'software':{'app':'1.4.2','os':'12'},'updates':{'app':{'version':'1.5.0',"
                                + "'state':'rolled_back','reason':'exit 1','previous':'1.4.2','attempt':'r-1.2'},"
                                + "'os':{'version':'13','state':'downloading','progress':40}},"
                                + "'rejected':{'generation':9,'reason':'no such unit'}}",
                        new StateReport(
                                null,
                                8L,
                                Map.of(),
                                Map.of("app", "1.4.2", "os", "12"),
                                Map.of(
                                        "app",
                                        new Update("1.5.0", Update.State.ROLLED_BACK, null, "exit 1", "1.4.2", "r-1.2"),
                                        "os",
                                        new Update("13", Update.State.DOWNLOADING, 40, null, null, null)),
                                new Uplink.Rejected(9, "no such unit"),
                                null)),
                frame(
                        UplinkKind.EVENTS,
                        "{'ts':1764000000000,'type':'door.open','severity':'WARN','message':'rear','data':{'n':2}}",
                        new Events(List.of(new Event(TS, "door.open", Severity.WARN, "rear", Map.of("n", 2L))))),
                frame(
                        UplinkKind.EVENTS,
                        "[{'type':'boot'}]",
                        new Events(List.of(new Event(null, "boot", Severity.INFO, null, Map.of())))),
                frame(
                        UplinkKind.LOGS,
                        "[{'ts':1764000000000,'severity':'error','body':'a\\nb','attributes':{'unit':'app'}}]",
                        new Logs(List.of(new LogRecord(TS, Severity.ERROR, "a\nb", Map.of("unit", "app"))))),
                frame(
                        UplinkKind.LOGS,
                        "{'body':'one'}",
                        new Logs(List.of(new LogRecord(null, Severity.INFO, "one", Map.of())))),
                frame(
                        UplinkKind.COMMAND_RESULT,
                        "{'status':'succeeded','detail':{'exit':0,'out':'done'}}",
                        new CommandResult(CID, CommandResult.Status.SUCCEEDED, Map.of("exit", 0L, "out", "done"))),
                frame(
                        UplinkKind.COMMAND_RESULT,
                        "{'status':'failed','spans':[{'traceId':'0af7651916cd43dd8448eb211c80319c','spanId':'b7ad6b7169203331',"
                                + "'name':'execute','start':1764000000000000,'end':1764000000000250,'error':'exit 1',"
                                + "'attributes':{'exit':1},'kind':3}]}",
                        new CommandResult(
                                CID,
                                CommandResult.Status.FAILED,
                                null,
                                List.of(new Uplink.Span(
                                        "0af7651916cd43dd8448eb211c80319c",
                                        "b7ad6b7169203331",
                                        null,
                                        "execute",
                                        TS * 1000,
                                        TS * 1000 + 250,
                                        "exit 1",
                                        Map.of("exit", 1L))))),
                frame(
                        UplinkKind.COMMAND_RESULT,
                        "{'status':'rejected'}",
                        new CommandResult(CID, CommandResult.Status.REJECTED, null)));
    }

    @ParameterizedTest
    @MethodSource("frames")
    void readsTheFrameFromJsonAndFromCbor(UplinkKind kind, String json, Uplink expected) throws Exception {
        byte[] bytes = json.replace('\'', '"').getBytes(UTF_8);
        assertThat(decode(kind, PayloadFormat.JSON, bytes)).isEqualTo(expected);
        assertThat(decode(kind, PayloadFormat.CBOR, toCbor(bytes))).isEqualTo(expected);
    }

    @Test
    void anEmptyPayloadIsAHeartbeatAndNothingElse() throws Exception {
        assertThat(decode(UplinkKind.HEARTBEAT, PayloadFormat.JSON, new byte[0]))
                .isEqualTo(new Heartbeat(null, null, Map.of()));
        assertThatThrownBy(() -> decode(UplinkKind.TELEMETRY, PayloadFormat.CBOR, new byte[0]))
                .isInstanceOf(MalformedPayloadException.class)
                .hasMessage("payload is empty, CBOR is expected");
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                bad(UplinkKind.HELLO, "{'agent':'1'}", "hello lacks the field protocol"),
                bad(UplinkKind.HELLO, "{'protocol':0,'agent':'1'}", "hello.protocol is 0, 1 to 1000 is allowed"),
                bad(
                        UplinkKind.HELLO,
                        "{'protocol':1,'agent':'1','capabilities':'x'}",
                        "hello.capabilities is the string \"x\", an array of strings is allowed"),
                bad(UplinkKind.HEARTBEAT, "[]", "heartbeat is an array, an object is allowed"),
                bad(UplinkKind.HEARTBEAT, "{'seq':-1}", "heartbeat.seq is -1, 0 to 9223372036854775807 is allowed"),
                bad(
                        UplinkKind.HEARTBEAT,
                        "{'seq':9223372036854775808}",
                        "heartbeat.seq is the number 9223372036854775808, an integer of 64 bits is allowed"),
                bad(
                        UplinkKind.HEARTBEAT,
                        "{'health':{'cpu':[1]}}",
                        "heartbeat.cpu is an array, a number, a string or a boolean is allowed"),
                bad(
                        UplinkKind.TELEMETRY,
                        "5",
                        "telemetry is the number 5, an object or an array of objects is allowed"),
                bad(UplinkKind.TELEMETRY, "{}", "telemetry has no values, 1 to 256 are allowed"),
                bad(UplinkKind.TELEMETRY, "[]", "telemetry is an empty array, 1 to 1000 entries are allowed"),
                bad(UplinkKind.TELEMETRY, "[{'a':1},7]", "telemetry[1] is the number 7, an object is allowed"),
                bad(
                        UplinkKind.TELEMETRY,
                        "[{'a':1},{'b':{}}]",
                        "telemetry[1].b is an object, a number, a string or a boolean is allowed"),
                bad(UplinkKind.TELEMETRY, "{'a':1,'a':2}", "telemetry has \"a\" twice"),
                bad(UplinkKind.TELEMETRY, "{'values':{'a':1,'a':1}}", "telemetry.values has \"a\" twice"),
                bad(
                        UplinkKind.TELEMETRY,
                        "{'values':{'a':1},'b':2}",
                        "telemetry.values stands beside the metric \"b\"; put all metrics into values, or none"),
                bad(
                        UplinkKind.TELEMETRY,
                        "{'ts':1764000000,'a':1}",
                        "telemetry.ts is 1764000000, milliseconds since 1970 from 1000000000000 (2001) to 4102444800000"
                                + " (2100) are allowed"),
                bad(
                        UplinkKind.TELEMETRY,
                        "{'ts':'now','a':1}",
                        "telemetry.ts is the string \"now\", an integer is allowed"),
                bad(
                        UplinkKind.TELEMETRY,
                        "{'a':1e999}",
                        "telemetry.a is the number 1e999, a finite number of 64 bits is allowed"),
                bad(
                        UplinkKind.TELEMETRY,
                        "{'bad name':1}",
                        "telemetry has the metric name \"bad name\", allowed is [A-Za-z_][A-Za-z0-9_.-]*"),
                bad(
                        UplinkKind.TELEMETRY,
                        "{'" + "n".repeat(65) + "':1}",
                        "telemetry has a metric name of 65 characters, at most 64 are allowed"),
                bad(
                        UplinkKind.TELEMETRY,
                        "{'a':'" + "x".repeat(1025) + "'}",
                        "telemetry.a has 1025 characters, at most 1024 are allowed"),
                bad(
                        UplinkKind.TELEMETRY,
                        "{'a':'\\u0000'}",
                        "telemetry.a holds the character U+0000, which no store keeps"),
                bad(
                        UplinkKind.TELEMETRY,
                        "{'a':'\\ud800'}",
                        "telemetry.a holds half of a surrogate pair, valid Unicode is allowed"),
                bad(UplinkKind.TELEMETRY, "{" + metrics(257) + "}", "telemetry has more than 256 metrics"),
                bad(
                        UplinkKind.TELEMETRY,
                        "[" + String.join(",", Collections.nCopies(1001, "{'a':1}")) + "]",
                        "telemetry has more than 1000 entries in one message; send several messages"),
                bad(UplinkKind.TELEMETRY, "{'a':1} {}", "payload goes on after its end with an object"),
                bad(UplinkKind.POSITION, "{'lat':1}", "position lacks the field lon"),
                bad(UplinkKind.POSITION, "{'lat':90.5,'lon':1}", "position.lat is 90.5, -90.0 to 90.0 is allowed"),
                bad(
                        UplinkKind.POSITION,
                        "{'lat':'1','lon':1}",
                        "position.lat is the string \"1\", a number is allowed"),
                bad(UplinkKind.POSITION, "[{'lat':1,'lat':1}]", "position[0] has the field lat twice"),
                bad(
                        UplinkKind.STATE_REPORTED,
                        "{'config':[]}",
                        "state/reported.config is an array, an object is allowed"),
                bad(
                        UplinkKind.STATE_REPORTED,
                        "{'software':{'app':2}}",
                        "state/reported.app is the number 2, a string is allowed"),
                bad(
                        UplinkKind.STATE_REPORTED,
                        "{'config':" + "{'a':".repeat(9) + "1" + "}".repeat(9) + "}",
                        "state/reported.config is nested deeper than 8 levels"),
                bad(
                        UplinkKind.STATE_REPORTED,
                        "{'updates':{'app':{'state':'failed'}}}",
                        "state/reported lacks the field updates.app.version"),
                bad(
                        UplinkKind.STATE_REPORTED,
                        "{'updates':{'app':{'version':'1','state':'done'}}}",
                        "state/reported.state is \"done\", allowed are notified, downloading, installed, rebooting,"
                                + " verifying, succeeded, failed, rolled_back"),
                bad(
                        UplinkKind.STATE_REPORTED,
                        "{'updates':{'app':{'version':'1','state':'failed','progress':101}}}",
                        "state/reported.progress is 101, 0 to 100 is allowed"),
                bad(
                        UplinkKind.STATE_REPORTED,
                        "{'rejected':{'generation':1}}",
                        "state/reported lacks the field rejected.reason"),
                bad(UplinkKind.EVENTS, "{'severity':'info'}", "event lacks the field type"),
                bad(
                        UplinkKind.EVENTS,
                        "{'type':'a','severity':'loud'}",
                        "event.severity is \"loud\", allowed are trace, debug, info, warn, error, fatal"),
                bad(
                        UplinkKind.EVENTS,
                        "{'type':'a','data':{'x':[1,null]}}",
                        "event.data has null in an array, which is not allowed"),
                bad(
                        UplinkKind.EVENTS,
                        "{'type':'a','data':{'x':[" + "1,".repeat(4096) + "1]}}",
                        "event.data has more than 4096 values"),
                bad(
                        UplinkKind.LOGS,
                        "[{'body':'" + "x".repeat(16385) + "'}]",
                        "log[0].body has 16385 characters, at most 16384 are allowed"),
                bad(
                        UplinkKind.COMMAND_RESULT,
                        "{'status':'done'}",
                        "result.status is \"done\", allowed are accepted, running, succeeded, failed, rejected, expired,"
                                + " indeterminate"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void refusesWithAMessageThatNamesTheFieldWhatWasFoundAndWhatIsAllowed(
            UplinkKind kind, String json, String message) {
        assertThatThrownBy(() ->
                        decode(kind, PayloadFormat.JSON, json.replace('\'', '"').getBytes(UTF_8)))
                .isInstanceOf(MalformedPayloadException.class)
                .hasMessage(message);
    }

    @Test
    void refusesAPayloadBeyondTheBoundBeforeLookingAtIt() {
        assertThatThrownBy(() -> decode(UplinkKind.LOGS, PayloadFormat.JSON, new byte[262_145]))
                .isInstanceOf(MalformedPayloadException.class)
                .hasMessage("payload is 262145 bytes, at most 262144 are allowed");
    }

    static Stream<byte[]> hostile() {
        return Stream.of(
                bytes("{'a':".repeat(50_000)),
                bytes("[".repeat(200_000)),
                bytes("{'x':" + "[".repeat(1000) + "]".repeat(1000) + "}"),
                bytes("{'a':" + "9".repeat(100_000) + "}"),
                bytes("{'a':1e2147483648}"),
                bytes("{'ts':1e99999999999999999999}"),
                bytes("{'a':NaN}"),
                bytes("{'a':-}"),
                bytes("{'" + "k".repeat(200_000) + "':1}"),
                bytes("{'a':'"),
                bytes("{"),
                bytes("nul"),
                bytes("{'a':1,}"),
                bytes("\ufeff"),
                new byte[] {'{', '"', (byte) 0xc0, (byte) 0x80, '"', ':', '1', '}'},
                new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xff, (byte) 0xfe, '"', '}'},
                new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', '}'},
                // CBOR: an array and a text that claim 2^63 bytes, an endless string, a tag of a tag, a bignum, a break
                new byte[] {(byte) 0x9b, 0x7f, -1, -1, -1, -1, -1, -1, -1},
                new byte[] {(byte) 0xa1, 0x7b, 0x7f, -1, -1, -1, -1, -1, -1, -1},
                new byte[] {(byte) 0xbf, 0x7f, 0x61, 'a'},
                new byte[] {(byte) 0xc4, (byte) 0x82, 0x1b, 0x7f, -1, -1, -1, -1, -1, -1, -1, 0x01},
                new byte[] {(byte) 0xa1, 0x61, 'a', (byte) 0xc4, (byte) 0x82, 0x1a, 0x3b, -1, -1, -1, 0x01},
                new byte[] {(byte) 0xa1, 0x61, 'a', (byte) 0xc2, 0x41, 0x01},
                new byte[] {(byte) 0xa1, 0x61, 'a', 0x42, 1, 2},
                new byte[] {(byte) 0xff});
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void hostileInputIsRefusedAndNothingElseHappens(byte[] payload) {
        for (UplinkKind kind : UplinkKind.values()) {
            for (PayloadFormat format : PayloadFormat.values()) {
                endsInAnUplinkOrARefusal(kind, format, payload);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(PayloadFormat.class)
    void whatIsEncodedIsDecodedToTheSame(PayloadFormat format) throws Exception {
        long seed = 20_261_123L;
        var uplinks = new RandomUplinks(seed);
        for (int i = 0; i < 4000; i++) {
            Uplink uplink = uplinks.next();
            byte[] payload = UplinkCodec.encode(uplink, format);
            String subtopic = uplink instanceof CommandResult result ? result.commandId() : "";
            assertThat(UplinkCodec.decode(uplink.kind(), subtopic, format, payload))
                    .as("seed %d, uplink %d", seed, i)
                    .isEqualTo(uplink);
        }
    }

    @ParameterizedTest
    @EnumSource(PayloadFormat.class)
    void damagedPayloadsAreReadOrRefused(PayloadFormat format) {
        long seed = System.nanoTime();
        System.out.println("damagedPayloadsAreReadOrRefused seed " + seed);
        var uplinks = new RandomUplinks(seed);
        for (int i = 0; i < 20_000; i++) {
            Uplink uplink = uplinks.next();
            byte[] payload = uplinks.damage(UplinkCodec.encode(uplink, format));
            endsInAnUplinkOrARefusal(uplink.kind(), format, payload);
        }
    }

    private static void endsInAnUplinkOrARefusal(UplinkKind kind, PayloadFormat format, byte[] payload) {
        try {
            assertThat(decode(kind, format, payload)).isNotNull();
        } catch (MalformedPayloadException refused) {
            assertThat(refused.getMessage()).isNotEmpty().hasSizeLessThan(400).doesNotContain("\n");
        }
    }

    private static Uplink decode(UplinkKind kind, PayloadFormat format, byte[] payload)
            throws MalformedPayloadException {
        return UplinkCodec.decode(kind, kind == UplinkKind.COMMAND_RESULT ? CID : "", format, payload);
    }

    private static byte[] toCbor(byte[] json) {
        var out = new ByteArrayOutputStream();
        try (JsonParser parser = UplinkCodec.JSON.createParser(ObjectReadContext.empty(), json);
                var generator = UplinkCodec.CBOR.createGenerator(ObjectWriteContext.empty(), out)) {
            while (parser.nextToken() != null) {
                generator.copyCurrentEvent(parser);
            }
        }
        return out.toByteArray();
    }

    private static Arguments frame(UplinkKind kind, String json, Uplink expected) {
        return Arguments.of(kind, json, expected);
    }

    private static Arguments bad(UplinkKind kind, String json, String message) {
        return Arguments.of(kind, json, message);
    }

    private static Telemetry telemetry(Reading... readings) {
        return new Telemetry(List.of(readings));
    }

    private static String metrics(int count) {
        var names = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            names.add("'m" + i + "':1");
        }
        return String.join(",", names);
    }

    private static byte[] bytes(String json) {
        return json.replace('\'', '"').getBytes(UTF_8);
    }
}
