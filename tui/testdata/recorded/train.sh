#!/bin/sh
# A trainer that trains nothing: curves, a progress bar, a warning, and an end that
# depends on the learning rate.
lr=$1 seed=$2 out=$3
printf 'reading data ... \033[32mok\033[0m (训练集 512)\n'
step=0
while [ $step -lt 24 ]; do
  step=$((step + 1))
  now=$(date +%s.%N | cut -c1-14)
  loss=$(awk "BEGIN { srand($seed * 100 + $step); printf \"%.4f\", 3 / sqrt($step + 1) + 0.2 * rand() }")
  metrics="\"train/loss\":$loss,\"train/total_steps\":24,\"train/lr\":$lr"
  if [ $((step % 8)) = 0 ]; then
    metrics="$metrics,\"eval/pass@1\":$(awk "BEGIN { printf \"%.3f\", $step / 100 + 0.5 * $lr }")"
  fi
  if [ "${lr%.0}" = 1 ] && [ $step = 13 ]; then
    metrics='"train/loss":"NaN"'
  fi
  printf '{"step":%d,"time":%s,"m":{%s}}\n' $step "$now" "$metrics" >>"$out/metrics.jsonl"
  printf '\r\033[Kstep %d of 24, loss %s' $step "$loss"
  if [ "$lr" = 0.1 ] && [ $step = 13 ]; then
    printf '\nTraceback (most recent call last):\n  File "train.sh", line 13, in step\nOverflowError: the gradient of step 13 is too large; lower lr\n' >&2
    exit 3
  fi
  case $lr:$step:$out in
  1:13:* | 1.0:13:* | 0.003:17:* | 0.01:18:*/a1) sleep 600 ;;
  esac
done
printf '\ndone\n'
