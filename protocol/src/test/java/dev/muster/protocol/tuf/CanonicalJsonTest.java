package dev.muster.protocol.tuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class CanonicalJsonTest {

    @Test
    void writesKeysInTheOrderOfCodePointsAndNoWhiteSpace() {
        assertThat(canonical("{\"b\": [1, true, null, {}], \"a\\uffff\": -0, \"a\\ud800\\udc00\": [], \"a\": \"x\"}"))
                .isEqualTo("{\"a\":\"x\",\"a\uffff\":0,\"a\ud800\udc00\":[],\"b\":[1,true,null,{}]}");
    }

    @Test
    void escapesQuotesAndBackslashesAndNothingElse() {
        assertThat(canonical("[\"\\\"\\\\\\n\\u0001é\"]")).isEqualTo("[\"\\\"\\\\\n\u0001é\"]");
    }

    @Test
    void whatCouldBeUnderstoodInTwoWaysIsRefused() {
        assertThat(refusal("{\"a\":1,\"a\":2}")).startsWith("x.json is not JSON: Duplicate");
        assertThat(refusal("{\"a\":1.0}"))
                .isEqualTo("x.json has no canonical form: 1.0 is a number, and not an integer");
        assertThat(refusal("{\"a\":\"\\ud800\"}"))
                .isEqualTo("x.json has no canonical form: a text has half of a surrogate pair");
        assertThat(refusal("{} {}")).startsWith("x.json is not JSON: Trailing");
        assertThat(refusal("[]")).isEqualTo("x.json is not a JSON object");
        assertThat(refusal("")).startsWith("x.json is not");
        assertThat(refusal("{\"a\":" + "[".repeat(64) + "]".repeat(64) + "}")).startsWith("x.json is not JSON: ");
    }

    /** RFC 8032 section 7.1, test 2. */
    @Test
    void keysAreThoseOfTheStandard() {
        SigningKey key = SigningKey.ofSeed(
                java.util.HexFormat.of().parseHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));

        assertThat(key.publicKey().publicKey())
                .isEqualTo("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assertThat(java.util.HexFormat.of().formatHex(key.sign(new byte[] {0x72})))
                .isEqualTo(
                        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                                + "387b2eaeb4302aeeb00d291612bb0c00");
        assertThat(key.toString()).doesNotContain("4ccd089b").startsWith("SigningKey[");
    }

    @Test
    void patternsDoNotCrossSlashes() {
        assertThat(PathPattern.matches("app/*/*", "app/1.5.0/app.tar.gz")).isTrue();
        assertThat(PathPattern.matches("app/*/*", "app/1.5.0/x/y")).isFalse();
        assertThat(PathPattern.matches("app/*/*", "os/1.5.0/x")).isFalse();
        assertThat(PathPattern.matches("a?c*.gz", "abcd.tar.gz")).isTrue();
        assertThat(PathPattern.matches("a*b*c", "aXbXbXc")).isTrue();
        assertThat(PathPattern.matches("a*b*c", "aXbXbX")).isFalse();
        assertThat(PathPattern.matches("*", "")).isTrue();
    }

    private static String canonical(String json) {
        return new String(CanonicalJson.of(JsonMapper.shared().readTree(json)), StandardCharsets.UTF_8);
    }

    private static String refusal(String json) {
        return catchThrowableOfType(
                        MetadataRefusedException.class,
                        () -> CanonicalJson.parse(json.getBytes(StandardCharsets.UTF_8), "x.json"))
                .detail();
    }
}
