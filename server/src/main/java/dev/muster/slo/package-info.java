/**
 * Service level indicators and objectives.
 *
 * <p>A {@link dev.muster.slo.SliSource} counts good and bad of each asset; {@link dev.muster.slo.BucketRounds} sums that up by five minutes
 * and hours for the fleet, types, regions and groups, with the membership of the time of the bucket. A bucket is written as a whole,
 * in one transaction with how far the indicator is; what comes late marks it, and it is written again.
 *
 * <p>Tables {@code sli_place} (who was in service as what), {@code sli_bucket}, {@code sli_hour}, {@code sli_offender}, {@code
 * sli_progress}, {@code sli_late}, {@code sli_total}.
 */
@NullMarked
package dev.muster.slo;

import org.jspecify.annotations.NullMarked;
