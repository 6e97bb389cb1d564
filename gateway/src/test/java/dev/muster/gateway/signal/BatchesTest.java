package dev.muster.gateway.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.signal.SampleBatch.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchesTest {

    @Test
    void samplesComeBackAsTheyWereInEntriesOfABoundedSize() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            var series = new Series(
                    "http.requests", Map.of("route", "/plan/" + i, "ü", "ß€"), Series.Kind.values()[i % 4], "1");
            samples.add(new Sample(series, i == 0 ? 0 : 1_764_000_000_000L + i, i * -0.5));
            samples.add(new Sample(series, 1_764_000_000_000L + i, Double.MAX_VALUE));
        }
        List<byte[]> entries = SampleBatch.encode(samples, 64 * 1024);
        assertThat(entries).hasSizeGreaterThan(3).allMatch(entry -> entry.length < 80 * 1024);
        assertThat(entries.stream().flatMap(entry -> SampleBatch.decode(entry).samples().stream()))
                .isEqualTo(samples);
    }

    @Test
    void spansComeBackAsTheyWere() {
        var span = new Span(
                -1,
                2,
                Long.MIN_VALUE + 1,
                0,
                "plan",
                2,
                1_764_000_000_000_000_001L,
                1_764_000_000_000_000_900L,
                2,
                "no",
                "planner",
                "{\"a\":1}",
                "{}",
                "[]",
                "[]");
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            spans.add(span);
        }
        List<byte[]> entries = SpanBatch.encode(spans, 10_000);
        assertThat(entries).hasSizeGreaterThan(10);
        assertThat(entries.stream().flatMap(entry -> SpanBatch.decode(entry).spans().stream()))
                .isEqualTo(spans);
    }

    @Test
    void damagedBytesAreRefusedAndNothingElseHappens() {
        byte[] good = SampleBatch.encode(
                        List.of(new Sample(new Series("a", Map.of("b", "c"), Series.Kind.GAUGE, ""), 1, 2)), 1000)
                .getFirst();
        var random = new Random(3);
        for (int i = 0; i < 5_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
            for (int flips = random.nextInt(3); flips > 0 && bad.length > 0; flips--) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                SampleBatch.decode(bad);
            } catch (IllegalArgumentException | IndexOutOfBoundsException refused) {
                assertThat(refused).isNotNull();
            }
        }
        assertThatThrownBy(() -> SampleBatch.decode(new byte[] {2, 0, 0}))
                .hasMessage("signals are written in version 2, this program reads version 1");
    }
}
