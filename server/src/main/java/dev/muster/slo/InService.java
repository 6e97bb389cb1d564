package dev.muster.slo;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The assets in service at one moment; of a large fleet never all at once. */
public interface InService {
    /** Assets of one page at most; also how many ids {@link #among} is to be asked for. */
    int PAGE = 20_000;

    int count();

    /** In the order of their ids, with since when they are what they were then; a page is not empty. */
    void forEachPage(Consumer<Map<String, Instant>> each);

    /** Those of some that are in service. */
    Set<String> among(Collection<String> ids);

    /** The only one that is asked for; null when all are. */
    @Nullable String only();

    /** One asset, whether the others are in service or not. */
    static InService of(String asset, Instant since) {
        return new InService() {
            @Override
            public int count() {
                return 1;
            }

            @Override
            public void forEachPage(Consumer<Map<String, Instant>> each) {
                each.accept(Map.of(asset, since));
            }

            @Override
            public Set<String> among(Collection<String> ids) {
                return ids.stream().filter(asset::equals).collect(Collectors.toSet());
            }

            @Override
            public String only() {
                return asset;
            }
        };
    }
}
