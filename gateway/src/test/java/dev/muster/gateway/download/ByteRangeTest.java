package dev.muster.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.download.ByteRange.Part;
import dev.muster.gateway.download.ByteRange.Unsatisfiable;
import dev.muster.gateway.download.ByteRange.Whole;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ByteRangeTest {
    private static final String ETAG = "\"abc\"";

    @Test
    void oneRangeIsAPart() {
        assertThat(of("bytes=0-0")).isEqualTo(new Part(0, 1));
        assertThat(of("bytes=10-")).isEqualTo(new Part(10, 90));
        assertThat(of("bytes=10-19")).isEqualTo(new Part(10, 10));
        assertThat(of("bytes=90-1000")).isEqualTo(new Part(90, 10));
        assertThat(of("bytes=-10")).isEqualTo(new Part(90, 10));
        assertThat(of("bytes=-1000")).isEqualTo(new Part(0, 100));
    }

    @Test
    void outsideOfTheFileIsUnsatisfiable() {
        assertThat(of("bytes=100-")).isEqualTo(new Unsatisfiable());
        assertThat(of("bytes=-0")).isEqualTo(new Unsatisfiable());
        assertThat(ByteRange.of("bytes=0-", null, ETAG, 0)).isEqualTo(new Unsatisfiable());
    }

    @Test
    void whatIsNotOneRangeIsTheWhole() {
        for (String range : new String[] {
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-4",
            "bytes=0-1,5-6",
            "items=0-1",
            "bytes=9999999999999999999-",
            "0-5"
        }) {
            assertThat(of(range)).as(range).isEqualTo(new Whole());
        }
        assertThat(of(null)).isEqualTo(new Whole());
    }

    @Test
    void aPartOfAnotherContentIsTheWhole() {
        assertThat(ByteRange.of("bytes=5-", ETAG, ETAG, 100)).isEqualTo(new Part(5, 95));
        assertThat(ByteRange.of("bytes=5-", "\"other\"", ETAG, 100)).isEqualTo(new Whole());
    }

    private static ByteRange of(@Nullable String range) {
        return ByteRange.of(range, null, ETAG, 100);
    }
}
