local isPaused = obj.spec.update ~= nil and obj.spec.update.pause == true
return {
  pause = { disabled = isPaused, displayName = "Pause updates", iconClass = "fa fa-fw fa-pause" },
  resume = { disabled = not isPaused, displayName = "Resume updates", iconClass = "fa fa-fw fa-play" },
}
