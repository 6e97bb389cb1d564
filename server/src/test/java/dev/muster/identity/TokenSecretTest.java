package dev.muster.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenSecretTest {
    @Test
    void hasAlwaysTheSameForm() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Set<String> texts = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            String text = TokenSecret.random(random).reveal();
            assertThat(text).as("seed %d", seed).matches("muster_[0-9A-Za-z]{43}");
            texts.add(text);
        }
        assertThat(texts).hasSize(1_000);
    }

    @Test
    void coversAll256Bits() {
        assertThat(TokenSecret.random(filledWith((byte) 0)).reveal()).isEqualTo("muster_" + "0".repeat(43));
        // 2^256 - 1 in base 62, worked out with bc
        assertThat(TokenSecret.random(filledWith((byte) 0xff)).reveal())
                .hasSize(50)
                .doesNotEndWith("0000");
    }

    @Test
    void isFoundAgainByItsHash() {
        TokenSecret secret = TokenSecret.random(new Random(1));

        assertThat(TokenSecret.parse(secret.reveal()))
                .hasValueSatisfying(parsed -> assertThat(parsed.hash()).isEqualTo(secret.hash()));
        assertThat(secret.hash()).isNotEqualTo(TokenSecret.random(new Random(2)).hash());
    }

    @Test
    void isNeverPrinted() {
        assertThat(TokenSecret.random(new Random(1))).hasToString("muster_***");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "muster_",
                "muster_short",
                "claim_0000000000000000000000000000000000000000000",
                "muster_000000000000000000000000000000000000000000!",
                "muster_00000000000000000000000000000000000000000000",
                "muster_0000000000000000000000000000000000000000000é"
            })
    void isToldFromOtherTextWithoutAHash(String text) {
        assertThat(TokenSecret.parse(text)).isEmpty();
    }

    private static RandomGenerator filledWith(byte value) {
        return new RandomGenerator() {
            @Override
            public long nextLong() {
                throw new AssertionError("asks for bytes only");
            }

            @Override
            public void nextBytes(byte[] bytes) {
                Arrays.fill(bytes, value);
            }
        };
    }
}
