package dev.muster.protocol.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.protocol.tuf.SigningKey;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class EnvelopeTest {
    private static final SigningKey KEY = SigningKey.ofSeed(new byte[32]);
    private static final Statement STATEMENT = new Statement(
            List.of(new Statement.Subject("app.tar.gz", "ab".repeat(32))),
            "https://ci.example/runner",
            "https://ci.example/build/v1",
            "git+https://git.example/app",
            "c0ffee",
            "https://ci.example/runs/7");

    private static PublicKey publicKey(SigningKey key) throws Exception {
        byte[] spki = HexFormat.of()
                .parseHex("302a300506032b6570032100" + key.publicKey().publicKey());
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki));
    }

    private static String signed() {
        return Envelope.sign(
                Envelope.IN_TOTO, STATEMENT.bytes(JsonMapper.shared().createObjectNode()), KEY);
    }

    @Test
    void whatIsSignedIsReadAsItWasWritten() throws Exception {
        List<Envelope> read = Envelope.parse((signed() + "\n" + signed() + "\n").getBytes(StandardCharsets.UTF_8));

        assertThat(read).hasSize(2);
        assertThat(read.getFirst().isSignedBy(publicKey(KEY))).isTrue();
        assertThat(read.getFirst()
                        .isSignedBy(publicKey(SigningKey.ofSeed(HexFormat.of().parseHex("01".repeat(32))))))
                .isFalse();
        assertThat(Statement.of(read.getFirst())).isEqualTo(STATEMENT);
    }

    /** The example of the DSSE specification: payload "hello world", type "http://example.com/HelloWorld", ECDSA P-256. */
    @Test
    void theSignedFormIsThatOfTheSpecification() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate());
        signature.update("DSSEv1 29 http://example.com/HelloWorld 11 hello world".getBytes(StandardCharsets.UTF_8));

        Envelope envelope = new Envelope(
                "http://example.com/HelloWorld",
                "hello world".getBytes(StandardCharsets.UTF_8),
                List.of(signature.sign()));

        assertThat(envelope.isSignedBy(pair.getPublic())).isTrue();
        assertThat(new Envelope(
                                "http://example.com/HelloWorl",
                                "dhello world".getBytes(StandardCharsets.UTF_8),
                                envelope.signatures())
                        .isSignedBy(pair.getPublic()))
                .isFalse();
        assertThat(envelope.isSignedBy(publicKey(KEY))).isFalse();
    }

    @Test
    void whatIsNotThatIsRefusedInWords() {
        assertThat(refusal("{}")).isEqualTo("is no DSSE envelope with payloadType, payload and 1 to 16 signatures");
        assertThat(refusal("")).isEqualTo(refusal("{}"));
        assertThat(refusal((signed() + "\n").repeat(17))).isEqualTo("has 17 envelopes, allowed are 1 to 16");
        assertThat(refusal("nothing")).isEqualTo("is neither JSON nor JSON on each line");
        assertThat(refusal("{\"payload\":\"!\",\"payloadType\":\"x\",\"signatures\":[{\"sig\":\"\"}]}"))
                .isEqualTo("has a payload or signature that is not base64");
        assertThat(refusal("{\"payload\":\"\",\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[{}]}"))
                .isEqualTo("is neither JSON nor JSON on each line");
        assertThat(refusal(envelope("text/plain", "{}")))
                .isEqualTo("holds text/plain, allowed is application/vnd.in-toto+json");
        assertThat(refusal(envelope(Envelope.IN_TOTO, "{\"_type\":\"x\"}")))
                .isEqualTo("has as _type \"x\", allowed is https://in-toto.io/Statement/v1");
        assertThat(refusal(envelope(Envelope.IN_TOTO, statement().replace(Statement.SLSA, "https://slsa.dev/vsa"))))
                .isEqualTo("has as predicateType \"https://slsa.dev/vsa\", allowed is https://slsa.dev/provenance/v1");
        assertThat(refusal(envelope(Envelope.IN_TOTO, statement().replace("abab", "ABAB"))))
                .isEqualTo("has a subject without a SHA-256 in lower-case hexadecimal");
        assertThat(refusal(envelope(Envelope.IN_TOTO, statement().replace("\"builder\"", "\"bilder\""))))
                .isEqualTo("has no text predicate.runDetails.builder.id of 1 to 2000 characters");
    }

    private static String statement() {
        return new String(STATEMENT.bytes(JsonMapper.shared().createObjectNode()), StandardCharsets.UTF_8);
    }

    private static String envelope(String type, String payload) {
        return "{\"payload\":\"" + Base64.getEncoder().encodeToString(payload.getBytes(StandardCharsets.UTF_8))
                + "\",\"payloadType\":\"" + type + "\",\"signatures\":[{\"sig\":\"AA==\"}]}";
    }

    private static String refusal(String document) {
        ThrowingCallable reading = () -> Statement.of(
                Envelope.parse(document.getBytes(StandardCharsets.UTF_8)).getFirst());
        return catchThrowableOfType(ProvenanceException.class, reading).detail();
    }
}
