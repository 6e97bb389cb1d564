package dev.muster.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdPatternTest {

    @ParameterizedTest
    @CsvSource({
        "truck-*, truck-1, true",
        "truck-*, truck-, true",
        "truck-*, bus-1, false",
        "truck-*, my-truck-1, false",
        "*-eu, truck-1-eu, true",
        "*-eu, truck-eu-us, false",
        "t?ck, tick, true",
        "t?ck, tck, false",
        "*a*b*, xxaxxbxx, true",
        "*a*b*, xxbxxaxx, false",
        "exact, exact, true",
        "exact, exactly, false",
        "a.c, abc, false",
        "*, anything, true"
    })
    void matchesTheWholeId(String pattern, String id, boolean expected) {
        assertThat(new IdPattern(pattern).matches(id)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "(a+)+", "ü", "a/b"})
    void refusesWhatCouldNeverMatch(String pattern) {
        assertThatThrownBy(() -> new IdPattern(pattern)).hasMessageContaining("wildcards * and ?");
    }

    @Test
    void endsForThePatternThatMakesRegularExpressionsHang() {
        assertThat(new IdPattern("*a".repeat(31) + "b").matches("a".repeat(64))).isFalse();
    }
}
