package dev.muster.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ETagTest {
    private static final ETag SEVEN = new ETag(7);

    @Test
    void isTheVersionInQuotes() {
        assertThat(SEVEN.header()).isEqualTo("\"7\"");
    }

    @Test
    void asksNothingWithoutAHeader() {
        assertThatCode(() -> SEVEN.requireMatch(null, "asset a")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"7\"", " \"7\" ", "*", "\"6\", \"7\"", "W/\"7\",\"7\""})
    void acceptsWhatNamesTheVersion(String ifMatch) {
        assertThatCode(() -> SEVEN.requireMatch(ifMatch, "asset a")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"6\"", "W/\"7\"", "\"77\"", "\"\"", "\"6\",\"8\""})
    void refusesAnotherVersion(String ifMatch) {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> SEVEN.requireMatch(ifMatch, "asset a"))
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.PRECONDITION_FAILED))
                .withMessageContaining("asset a was not changed: it has version 7, the request expects " + ifMatch);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "\"7", "", "\"7\" x", "\"7\" \"8\""})
    void refusesWhatIsNoListOfTags(String ifMatch) {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> SEVEN.requireMatch(ifMatch, "asset a"))
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID));
    }
}
