package dev.muster.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ResultDetailTest {

    @Test
    void keepsOutputAsTextAndTheRestAsJson() {
        assertThat(ResultDetail.of(Map.of("exit", 3, "output", "line 1\nline 2")))
                .isEqualTo(new ResultDetail(JsonMapper.shared().readTree("{\"exit\":3}"), "line 1\nline 2"));
        assertThat(ResultDetail.of(Map.of("output", "only"))).isEqualTo(new ResultDetail(null, "only"));
        assertThat(ResultDetail.of("a bare text"))
                .isEqualTo(new ResultDetail(JsonMapper.shared().readTree("\"a bare text\""), null));
        assertThat(ResultDetail.of(null)).isEqualTo(new ResultDetail(null, null));
    }

    @Test
    void saysHowLongWasWhatIsTooLong() {
        ResultDetail detail = ResultDetail.of(Map.of(
                "rows", "x".repeat(ResultDetail.MAX_JSON_CHARACTERS),
                "output", "y".repeat(ResultDetail.MAX_OUTPUT_CHARACTERS + 1)));
        assertThat(String.valueOf(detail.json())).startsWith("{\"omitted\":\"16395 characters, at most 16384");
        assertThat(detail.output())
                .hasSizeLessThan(ResultDetail.MAX_OUTPUT_CHARACTERS + 40)
                .endsWith("(16385 characters)");
    }

    @Test
    void keepsNoNulWhichTheDatabaseCannotStore() {
        ResultDetail detail = ResultDetail.of(Map.of("error", "a\u0000b", "output", "c\u0000d"));
        assertThat(String.valueOf(detail.json())).isEqualTo("{\"error\":\"a\ufffdb\"}");
        assertThat(detail.output()).isEqualTo("c\ufffdd");
    }
}
