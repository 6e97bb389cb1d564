package dev.muster.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.AssetId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QuestionsTest {
    private final List<Integer> asked = new CopyOnWriteArrayList<>();

    @Test
    void answersEachAssetWithItsOwn() throws Exception {
        try (var questions = new Questions<>("test", QuestionsTest::numbers, "nothing")) {
            assertThat(get(questions, "truck-7")).isEqualTo("of truck-7");
            assertThat(get(questions, "silent-1")).isEqualTo("nothing");
        }
    }

    @Test
    void asksTheStoreOnceForAllThatWaitMeanwhile() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        CountDownLatch busy = new CountDownLatch(1);
        try (var questions = new Questions<>(
                "test",
                assets -> {
                    asked.add(assets.size());
                    busy.countDown();
                    await(answers);
                    return numbers(assets);
                },
                "nothing")) {
            List<CompletableFuture<String>> all = new ArrayList<>();
            all.add(ask(questions, "first"));
            await(busy);
            for (int i = 0; i < 2 * Questions.MAX_TOGETHER; i++) {
                all.add(ask(questions, "truck-" + i));
            }
            answers.countDown();
            for (CompletableFuture<String> answer : all) {
                assertThat(answer.get(30, TimeUnit.SECONDS)).startsWith("of ");
            }
        }
        assertThat(asked).containsExactly(1, Questions.MAX_TOGETHER, Questions.MAX_TOGETHER);
    }

    @Test
    void tellsEverybodyThatTheStoreIsAwayAndGoesOnWhenItIsBack() throws Exception {
        boolean[] away = {true};
        try (var questions = new Questions<>(
                "test",
                assets -> {
                    if (away[0]) {
                        throw new IllegalStateException("the store is away");
                    }
                    return numbers(assets);
                },
                "nothing")) {
            assertThatThrownBy(() -> get(questions, "truck-1"))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("the store is away");
            away[0] = false;
            assertThat(get(questions, "truck-1")).isEqualTo("of truck-1");
        }
    }

    @Test
    void leavesNobodyWithoutAnAnswerWhenItStops() {
        var questions = new Questions<>("test", QuestionsTest::numbers, "nothing");
        questions.close();
        assertThatThrownBy(() -> get(questions, "truck-1"))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("the server stops");
    }

    private static Map<AssetId, String> numbers(Set<AssetId> assets) {
        Map<AssetId, String> found = new HashMap<>();
        assets.stream()
                .filter(asset -> !asset.value().startsWith("silent"))
                .forEach(asset -> found.put(asset, "of " + asset));
        return found;
    }

    private static String get(Questions<String> questions, String asset) throws Exception {
        return ask(questions, asset).get(30, TimeUnit.SECONDS);
    }

    private static CompletableFuture<String> ask(Questions<String> questions, String asset) {
        return questions.ask(new AssetId(asset)).toCompletableFuture();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
