package dev.muster.alert.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MatcherTest {
    @Test
    void asksForTheWholeValueAndTakesAbsentForEmpty() {
        Map<String, String> labels = Map.of("severity", "page", "site", "hall-3");
        assertThat(Matcher.parse("severity=page").matches(labels)).isTrue();
        assertThat(Matcher.parse("severity!=\"page\"").matches(labels)).isFalse();
        assertThat(Matcher.parse("site=~\"hall\"").matches(labels)).isFalse();
        assertThat(Matcher.parse("site=~hall-[0-9]").matches(labels)).isTrue();
        assertThat(Matcher.parse("owner=\"\"").matches(labels)).isTrue();
        assertThat(Matcher.parse("owner!~.+").matches(labels)).isTrue();
        assertThat(Matcher.parseAll("{a=\"x,y\", b!=z}"))
                .containsExactly(Matcher.of("a", "x,y", false, true), Matcher.of("b", "z", false, false));
    }

    @Test
    void isReadAsItIsWritten() {
        for (String text : new String[] {"a=\"b\"", "a!=\"b\\\"c\"", "a=~\"b|c\"", "a!~\"\\\\d\""}) {
            assertThat(Matcher.parse(text)).hasToString(text);
        }
    }

    @Test
    void saysWhatIsWrong() {
        assertThatExceptionOfType(MatcherException.class)
                .isThrownBy(() -> Matcher.parse("severity"))
                .withMessage(
                        "\"severity\" is no matcher; allowed are name=value, name!=value, name=~regex, name!~regex");
        assertThatExceptionOfType(MatcherException.class)
                .isThrownBy(() -> Matcher.parse("a=~\"(\""))
                .withMessageStartingWith("\"(\" is no regular expression: ");
    }
}
