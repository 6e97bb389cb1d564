package dev.muster.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.IdentityHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedAssetIdsTest {
    private final SharedAssetIds ids = new SharedAssetIds(1 << 12);

    @Test
    void equalIdsAreOneObjectHoweverManyThereAre() {
        Map<AssetId, String> first = new IdentityHashMap<>();
        for (int i = 0; i < 4_096; i++) {
            first.put(ids.of(id(i)), "asset-" + i);
        }
        for (int i = 0; i < 4_096; i++) {
            assertThat(first.get(ids.of(id(i)))).isEqualTo("asset-" + i);
        }
        assertThat(ids.held()).isEqualTo(4_096);
    }

    @Test
    void beginsAnewWhenItIsFull() {
        for (int i = 0; i < 10_000; i++) {
            AssetId asset = id(i);
            assertThat(ids.of(asset)).isSameAs(asset);
            assertThat(ids.of(id(i))).isSameAs(asset);
            assertThat(ids.held()).isBetween(1, 4_096);
        }
    }

    @Test
    void allAskTheSameOne() {
        assertThat(new AssetId("pump-7").shared()).isSameAs(new AssetId("pump-7").shared());
    }

    private static AssetId id(int number) {
        return new AssetId("asset-" + number);
    }
}
