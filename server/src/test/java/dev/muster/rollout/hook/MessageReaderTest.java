package dev.muster.rollout.hook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.tuf.Sha256;
import dev.muster.rollout.hook.Message.Push;
import dev.muster.rollout.hook.Message.Read;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MessageReaderTest {
    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
    private static final byte[] SECRET = HexFormat.of().parseHex("0a".repeat(32));
    private static final String IMAGE = """
            {"action":"published","repository":{"full_name":"acme/app"},"registry_package":{"name":"app","namespace":"acme",
             "updated_at":"2026-11-26T11:59:00Z","package_version":{"version":"sha256:1","container_metadata":{"tag":{"name":"v1.5.0"}}}}}
            """;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Message github(String event, String body) {
        byte[] key = bytes(HexFormat.of().formatHex(SECRET));
        return new Message(
                Map.of(
                        "x-github-event",
                        event,
                        "x-github-delivery",
                        "d-1",
                        "x-hub-signature-256",
                        "sha256=" + HexFormat.of().formatHex(MessageReader.hmac(key, bytes(body)))),
                bytes(body));
    }

    private static Message standard(String id, Instant at, String body) {
        String time = Long.toString(at.getEpochSecond());
        byte[] signature = MessageReader.hmac(SECRET, bytes(id + "." + time + "."), bytes(body));
        return new Message(
                Map.of(
                        "webhook-id", id,
                        "webhook-timestamp", time,
                        "webhook-signature", "v1,AAAA v1," + Base64.getEncoder().encodeToString(signature)),
                bytes(body));
    }

    private static Message oci(String secret, String body) {
        return new Message(Map.of("authorization", "Bearer " + secret), bytes(body));
    }

    private static Read read(HookFormat format, Message message) {
        return MessageReader.read(format, message, SECRET, NOW);
    }

    /** The example of GitHub's documentation. */
    @Test
    void githubsOwnExampleHasThisSignature() {
        assertThat(HexFormat.of()
                        .formatHex(MessageReader.hmac(bytes("It's a Secret to Everybody"), bytes("Hello, World!"))))
                .isEqualTo("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    }

    /** The example of the libraries of standardwebhooks.com. */
    @Test
    void theStandardsOwnExampleIsBelieved() {
        Message message = new Message(
                Map.of(
                        "webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        "webhook-timestamp", "1614265330",
                        "webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
                bytes("{\"test\": 2432232314}"));
        byte[] secret = Base64.getDecoder().decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        assertThat(MessageReader.read(HookFormat.STANDARD, message, secret, Instant.ofEpochSecond(1614265331)))
                .isInstanceOf(Read.Authentic.class);
    }

    @Test
    void eachFormatTellsOfAPush() {
        assertThat(read(HookFormat.GITHUB, github("registry_package", IMAGE)))
                .isEqualTo(new Read.Authentic(List.of(new Push(
                        "d-1", Sha256.of(bytes(IMAGE)), Instant.parse("2026-11-26T11:59:00Z"), "acme/app", "v1.5.0"))));
        String release = "{\"action\":\"published\",\"repository\":{\"full_name\":\"acme/app\"},\"release\":"
                + "{\"tag_name\":\"v2\",\"published_at\":\"2026-11-26T11:59:00Z\"}}";
        assertThat(pushes(read(HookFormat.GITHUB, github("release", release))))
                .extracting(Push::tag)
                .containsExactly("v2");
        assertThat(pushes(read(HookFormat.STANDARD, standard("m-1", NOW, "{\"version\":\"1.5.0\"}"))))
                .extracting(Push::delivery, Push::tag)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("m-1", "1.5.0"));
        String events = "{\"events\":["
                + "{\"id\":\"e-1\",\"timestamp\":\"2026-11-26T12:59:00+01:00\",\"action\":\"push\",\"target\":"
                + "{\"repository\":\"acme/app\",\"tag\":\"v1.5.0\"}},"
                + "{\"id\":\"e-2\",\"timestamp\":\"2026-11-26T11:59:00Z\",\"action\":\"pull\",\"target\":{\"tag\":\"v1\"}},"
                + "{\"id\":\"e-3\",\"timestamp\":\"2026-11-26T11:59:00Z\",\"action\":\"push\",\"target\":{}}]}";
        assertThat(pushes(read(HookFormat.OCI, oci("0a".repeat(32), events))))
                .containsExactly(new Push(
                        "e-1", Sha256.of(bytes("e-1")), Instant.parse("2026-11-26T11:59:00Z"), "acme/app", "v1.5.0"));
    }

    @Test
    void whatTellsOfSomethingElseTellsOfNoPush() {
        assertThat(pushes(read(HookFormat.GITHUB, github("ping", "{\"zen\":\"x\"}"))))
                .isEmpty();
        assertThat(pushes(read(HookFormat.GITHUB, github("registry_package", IMAGE.replace("published", "deleted")))))
                .isEmpty();
    }

    @Test
    void whatIsNotSignedRightIsNotBelieved() {
        Message good = github("registry_package", IMAGE);
        Message altered = new Message(good.headers(), bytes(IMAGE.replace("1.5.0", "1.6.0")));
        assertThat(read(HookFormat.GITHUB, altered))
                .isEqualTo(new Read.Unauthentic("its X-Hub-Signature-256 is not right"));
        assertThat(read(HookFormat.GITHUB, new Message(Map.of(), bytes(IMAGE)))).isInstanceOf(Read.Unauthentic.class);
        Message sent = standard("m-1", NOW, "{\"version\":\"1.5.0\"}");
        Map<String, String> otherId = new java.util.HashMap<>(sent.headers());
        otherId.put("webhook-id", "m-2");
        assertThat(read(HookFormat.STANDARD, new Message(otherId, sent.body())))
                .isEqualTo(new Read.Unauthentic("its webhook-signature is not right"));
        assertThat(read(HookFormat.STANDARD, new Message(sent.headers(), bytes("{\"version\":\"1.6.0\"}"))))
                .isInstanceOf(Read.Unauthentic.class);
        assertThat(read(HookFormat.OCI, oci("0b".repeat(32), "{}"))).isInstanceOf(Read.Unauthentic.class);
        assertThat(read(HookFormat.OCI, oci("", "{}"))).isInstanceOf(Read.Unauthentic.class);
        // a format's secret is no key of another one
        assertThat(read(HookFormat.STANDARD, good)).isInstanceOf(Read.Unauthentic.class);
    }

    @Test
    void whatIsOldIsNotBelievedThoughItIsSigned() {
        assertThat(read(HookFormat.STANDARD, standard("m-1", NOW.minus(Duration.ofSeconds(301)), "{}")))
                .isEqualTo(new Read.Unauthentic("it was sent at 2026-11-26T11:54:59Z, it is 2026-11-26T12:00:00Z"));
        assertThat(read(HookFormat.STANDARD, standard("m-1", NOW.plus(Duration.ofSeconds(301)), "{}")))
                .isInstanceOf(Read.Unauthentic.class);
        assertThat(read(HookFormat.GITHUB, github("registry_package", IMAGE.replace("2026-11-26T11", "2026-11-25T11"))))
                .isEqualTo(
                        new Read.Unauthentic("it tells of a push at 2026-11-25T11:59:00Z, it is 2026-11-26T12:00:00Z"));
    }

    @Test
    void whatIsSignedAndNotUnderstoodIsTold() {
        assertThat(read(HookFormat.GITHUB, github("registry_package", "nothing")))
                .isEqualTo(new Read.Malformed("its body is not JSON"));
        assertThat(read(HookFormat.GITHUB, github("registry_package", IMAGE.replace("updated_at", "x"))))
                .isEqualTo(new Read.Malformed("it does not say when the push was"));
        assertThat(read(HookFormat.OCI, oci("0a".repeat(32), "{\"events\":[" + "{},".repeat(100) + "{}]}")))
                .isEqualTo(new Read.Malformed("it has more than 100 events"));
    }

    @Test
    void aHookTakesSoManyMessagesInAMinute() {
        HookRate rate = new HookRate(2);
        assertThat(rate.take("a", NOW)).isTrue();
        assertThat(rate.take("a", NOW.plusSeconds(1))).isTrue();
        assertThat(rate.take("a", NOW.plusSeconds(59))).isFalse();
        assertThat(rate.take("b", NOW.plusSeconds(59))).isTrue();
        assertThat(rate.take("a", NOW.plusSeconds(60))).isTrue();
    }

    private static List<Push> pushes(Read read) {
        return ((Read.Authentic) read).pushes();
    }
}
